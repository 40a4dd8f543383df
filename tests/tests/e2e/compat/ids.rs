//! Ids before and after the switch.

use super::Switched;

/// A code keeps the id that readers have seen.
pub async fn ids_stay(switched: &Switched) -> anyhow::Result<()> {
    let id_of = |code: i64| {
        format!("SELECT id FROM empreendimentos WHERE origem = 'mega' AND external_id = {code}")
    };
    let old_row = |id: i64, code: i64| {
        format!(
            "INSERT INTO antigo.empreendimentos (id, external_id, name, origem)
             VALUES ({id}, {code}, 'do job antigo', 'mega')"
        )
    };
    // Before the switch the old job's own id is taken over, afterwards it is not.
    switched.execute(&old_row(4001, 1406)).await?;
    assert_eq!(switched.text(&id_of(1406)).await?, "1000001406");
    let refresh = ["views", "refresh", "--into", "compat"];
    switched.fleet.producer_exits(0, &refresh).await?;
    assert_eq!(switched.text(&id_of(1406)).await?, "4001");
    let freeze = [&refresh[..], &["--freeze"]].concat();
    switched.fleet.producer_exits(0, &freeze).await?;
    switched.execute(&old_row(4002, 1409)).await?;
    for again in [&refresh[..], &freeze] {
        switched.fleet.producer_exits(0, again).await?;
        switched.install(&[]).await?;
        assert_eq!(switched.text(&id_of(1406)).await?, "4001");
        assert_eq!(switched.text(&id_of(1409)).await?, "1000001409");
    }
    // A code that was never ours is history, and stays visible as it was.
    switched.execute(&old_row(4003, 9_400)).await?;
    assert_eq!(switched.text(&id_of(9_400)).await?, "4003");
    Ok(())
}
