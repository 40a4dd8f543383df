//! The published figures as they were: at a time, between two, and by contrato.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::job::Target;
use domain::money::Amount;
use domain::tables::{Category, EmpreendimentoResult, Figure, Parts};
use store::{Cell, CellView, Close, FigureTable, NewClose};

use crate::support::*;

/// Cells by table, month and category, with their figures.
type Cells = BTreeMap<(String, String, String), Vec<String>>;

/// What the tables hold of two empreendimentos and the cash out.
async fn published(db: &Db) -> Cells {
    let mut cells = Cells::new();
    for target in [target(1), target(2), Target::SaidasCaixa] {
        let rows = db.store.published_rows(target, None).await.unwrap();
        for row in rows {
            let Some(month) = row.ref_month else { continue };
            let key = (
                format!("{} {target}", row.table),
                month.to_string(),
                row.category.unwrap_or_default(),
            );
            let values = row.values.into_iter().map(|(_, value)| value);
            cells.insert(key, values.collect());
        }
    }
    cells
}

fn keyed(
    target: Target,
    table: FigureTable,
    cell: &Cell,
) -> ((String, String, String), Vec<String>) {
    let category = match target {
        Target::SaidasCaixa => format!("{} {}", cell.key.owner, cell.key.category),
        Target::Empreendimento(_) => cell.key.category.clone(),
    };
    let values = cell.values.iter().map(ToString::to_string).collect();
    let month = cell.key.ref_month.to_string();
    ((format!("{table} {target}"), month, category), values)
}

async fn as_of(db: &Db, at: DateTime<Utc>) -> Cells {
    let mut cells = Cells::new();
    for target in [target(1), target(2), Target::SaidasCaixa] {
        for (table, cell) in db.store.cells_of(target, None, at).await.unwrap() {
            let (key, values) = keyed(target, table, &cell);
            assert!(cells.insert(key, values).is_none());
        }
    }
    cells
}

/// The same, read as an export does: table by table, in pages.
async fn paged(db: &Db, view: CellView, most: u32) -> Cells {
    let mut cells = Cells::new();
    for table in FigureTable::ALL {
        let mut after = None;
        loop {
            let page = db
                .store
                .cells(view, *table, None, after.as_ref(), most)
                .await;
            let page = page.unwrap();
            assert!(page.len() <= most as usize);
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for cell in &page {
                let of = match table {
                    FigureTable::SaidasCaixa => Target::SaidasCaixa,
                    _ => target(cell.key.owner),
                };
                let (key, values) = keyed(of, *table, cell);
                assert!(cells.insert(key, values).is_none());
            }
        }
    }
    cells
}

/// Runs drawn from a seed: a few months each, figures that change or do not, months that lose all
/// their rows.
pub async fn each_moment_is_told_as_it_was(db: &Db) {
    let mut random = fastrand::Rng::with_seed(20_261_126);
    let mut moments = vec![(Utc::now(), Cells::new())];
    let mut closed: Option<(Close, Cells)> = None;
    for n in 0..16 {
        if n == 6 {
            closed = Some(close_march(db).await);
        }
        let first = random.u32(1..4);
        let window = params(
            &format!("2026-0{first}-01"),
            &format!("2026-0{}-28", first + random.u32(0..3)),
            &format!("2026-11-{:02}", n + 1),
        );
        let run = format!("r{n:02}");
        if random.u8(0..4) == 0 {
            let paid = random.i64(0..3) * 100;
            let mut faturas = vec![fatura("1", "NF", "2026-03-10", 1_000, 1_000 - paid)];
            if random.bool() {
                faturas.push(fatura("2", "DARF", "2026-03-11", 2_000, 0));
            }
            commit_faturas(db, &run, window, faturas).await;
        } else {
            let of = target(random.i64(1..3));
            let job = recorded(db, &run, window, of).await;
            let mut rows = result(&window, &[random.i64(1..4)], random.i64(1..4));
            if random.u8(0..4) == 0 {
                rows.delinquency.clear();
                rows.entradas.retain(|row| row.category == Category::Outras);
            }
            commit(db, &job, &rows).await;
        }
        moments.push((Utc::now(), published(db).await));
    }
    for (at, then) in &moments {
        assert_eq!(&as_of(db, *at).await, then, "at {at}");
    }
    let (now, cells) = &moments[moments.len() - 1];
    assert_eq!(&paged(db, CellView::AsOf(*now), 7).await, cells);
    assert!(cells.len() > 7);
    let (close, signed) = closed.expect("the seventh step closes");
    stays_signed(db, &close, &signed, cells).await;

    for _ in 0..20 {
        let a = random.usize(0..moments.len());
        let b = random.usize(a..moments.len());
        differences(db, &moments[a], &moments[b]).await;
    }
}

/// The cells of March.
fn of_march(cells: &Cells) -> Cells {
    let march = |(_, month, _): &&(String, String, String)| month == "2026-03";
    let keys = cells.keys().filter(march);
    keys.map(|key| (key.clone(), cells[key].clone())).collect()
}

async fn close_march(db: &Db) -> (Close, Cells) {
    let close = NewClose {
        month: "2026-03".parse().unwrap(),
        empreendimentos: vec![],
        by: "ana@office".to_owned(),
        note: "signed".to_owned(),
        forced: false,
    };
    let closed = db.store.close(&close).await.unwrap();
    let signed = of_march(&published(db).await);
    assert_eq!(closed.cells, signed.len() as u64);
    assert!(db.store.close(&close).await.is_err());
    (closed, signed)
}

/// Whatever the tables do, what was signed off stays; a row that somebody changes is found.
async fn stays_signed(db: &Db, close: &Close, signed: &Cells, now: &Cells) {
    assert_eq!(&paged(db, CellView::Closed, 3).await, signed);
    let digest = async || db.store.digest_of_close(close.id).await.unwrap();
    assert_eq!(digest().await, close.digest);
    let (mut moved, now) = (0, of_march(now));
    for change in db.store.since_close(None).await.unwrap() {
        assert_eq!(change.key.ref_month, close.month);
        assert_ne!(change.before, change.after);
        moved += 1;
    }
    let keys: BTreeSet<_> = signed.keys().chain(now.keys()).collect();
    let differ = keys
        .iter()
        .filter(|key| signed.get(**key) != now.get(**key));
    assert_eq!(moved, differ.count());
    assert!(moved > 0);

    db.execute("UPDATE sync_closed_cells SET v0 = v0 + 1 WHERE category = 'outras'")
        .await;
    assert_ne!(digest().await, close.digest);
    let reopened = db.store.reopen(close.month, "ana@office", "late").await;
    assert_eq!(reopened.unwrap(), 1);
    assert!(paged(db, CellView::Closed, 3).await.is_empty());
}

/// The changes between two moments are those of the tables.
async fn differences(
    db: &Db,
    (from, before): &(DateTime<Utc>, Cells),
    to: &(DateTime<Utc>, Cells),
) {
    let (to, after) = to;
    let mut changes = 0;
    for of in [target(1), target(2), Target::SaidasCaixa] {
        for change in db.store.changes(*from, *to, Some(of)).await.unwrap() {
            let cell = Cell {
                key: change.key,
                nome: String::new(),
                values: Vec::new(),
                run: change.run,
                at: change.at,
                as_of: None,
            };
            let (key, _) = keyed(of, change.table, &cell);
            let texts = |values: Option<Vec<rust_decimal::Decimal>>| {
                values.map(|values| values.iter().map(ToString::to_string).collect::<Vec<_>>())
            };
            assert_eq!(
                texts(change.before).as_ref(),
                before.get(&key),
                "{key:?} at {from}"
            );
            assert_eq!(
                texts(change.after).as_ref(),
                after.get(&key),
                "{key:?} at {to}"
            );
            changes += 1;
        }
    }
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differ = keys
        .iter()
        .filter(|key| before.get(**key) != after.get(**key));
    assert_eq!(changes, differ.count(), "from {from} to {to}");
    let all = db.store.changes(*from, *to, None).await.unwrap();
    assert_eq!(all.len(), changes);
}

pub async fn what_did_not_change_adds_nothing(db: &Db) {
    let rows = async || db.text("SELECT COUNT(*) AS value FROM sync_cells").await;
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    assert_eq!(rows().await, "18");
    let newer = recorded(db, "b", first_quarter(), target(1)).await;
    commit(db, &newer, &result(&newer.params, &[1], 1)).await;
    assert_eq!(rows().await, "18");
    // What an earlier version writes is found by the next commit.
    db.execute(match db.raw {
        Raw::Postgres(_) => "DELETE FROM delinquency WHERE ref_month = '2026-01'",
        Raw::Sqlite(_) => "DELETE FROM delinquency_centavos WHERE ref_month = '2026-01'",
    })
    .await;
    let last = recorded(
        db,
        "c",
        params("2026-03-01", "2026-03-31", "2026-04-02"),
        target(1),
    )
    .await;
    commit(db, &last, &result(&last.params, &[1], 1)).await;
    assert_eq!(rows().await, "19");
}

/// In PostgreSQL each table has a function; in SQLite the commands answer.
pub async fn a_table_can_be_asked_for_as_it_stood(db: &Db) {
    let Raw::Postgres(_) = &db.raw else { return };
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    let faturas = vec![fatura("1", "NF", "2026-01-10", 1_000, 400)];
    commit_faturas(db, "b", first_quarter(), faturas).await;
    let then = db.text("SELECT clock_timestamp() AS value").await;
    let newer = recorded(db, "c", first_quarter(), target(1)).await;
    commit(db, &newer, &result(&newer.params, &[1], 7)).await;
    commit_faturas(db, "d", first_quarter(), vec![]).await;
    for (table, columns) in [
        (
            "entradas_caixa",
            "empreendimento_id, ref_month, category, empreendimento_nome, forecast, actual",
        ),
        (
            "delinquency",
            "empreendimento_id, ref_month, empreendimento_nome, up_to_30, days_30_60, days_60_90, \
             days_90_180, above_180, total",
        ),
        (
            "estatisticas_portfolio",
            "empreendimento_id, ref_month, empreendimento_nome, vp, ltv, prazo_medio, duration, \
             total_contracts, active_contracts",
        ),
        (
            "saidas_caixa",
            "filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado",
        ),
    ] {
        let rows = async |from: &str| {
            let all = format!("SELECT ({columns})::text AS value FROM {from} ORDER BY 1");
            db.texts(&all).await
        };
        let now = rows(&format!("{table}_as_of(clock_timestamp())")).await;
        assert_eq!(now, rows(table).await, "{table}");
        let before = rows(&format!("{table}_as_of('{then}')")).await;
        assert_ne!(before, now, "{table}");
        assert!(!before.is_empty());
        let none = rows(&format!("{table}_as_of('2020-01-01')")).await;
        assert_eq!(none, [""; 0], "{table}");
    }
}

/// A result whose contratos add one amount each, in the first month.
fn with_parts(mut rows: EmpreendimentoResult, centavos: i64) -> EmpreendimentoResult {
    let first = rows.entradas[0].ref_month;
    for contrato in &mut rows.memory {
        contrato.parts = Parts::default();
        let amount = Amount::from_centavos(centavos);
        let figure = Figure::Actual(Category::Ativos);
        contrato.parts.push(figure, first, std::iter::once(amount));
    }
    rows
}

/// Parts are kept of the last two commits, and of those whose months stand.
pub async fn parts_of_contratos_are_kept_with_their_months(db: &Db) {
    let kept = async || {
        let generations = "SELECT DISTINCT generation AS value FROM sync_contratos ORDER BY 1";
        db.texts(generations).await.join(" ")
    };
    let quarter = first_quarter();
    let march = params("2026-03-01", "2026-03-31", "2026-04-03");
    for (run, window) in [
        ("a", quarter),
        ("b", quarter),
        ("c", march),
        ("d", march),
        ("e", march),
    ] {
        let job = recorded(db, run, window, target(1)).await;
        commit(db, &job, &with_parts(result(&window, &[7, 8], 1), 15)).await;
    }
    // January and February are of the second commit.
    assert_eq!(kept().await, "2 4 5");
    let of = async |generation| {
        db.store
            .contratos_of_commit(target(1), generation)
            .await
            .unwrap()
    };
    assert_eq!(of(1).await, []);
    let second = of(2).await;
    assert_eq!(second.len(), 2);
    assert_eq!(second[0].parts.as_str(), "actual.ativos 2026-01 0.15");
    assert_eq!(of(5).await[1].parts.as_str(), "actual.ativos 2026-03 0.15");
}
