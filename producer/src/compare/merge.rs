//! Two lists of lines, sorted by key, side by side.

use std::pin::pin;

use futures::{Stream, TryStreamExt as _};
use store::{Line, StoreError};

/// Hands over the lines of each key, of ours and of theirs, in the order of the keys. Holds no more than
/// the lines of one key.
pub(super) async fn merge(
    ours: impl Stream<Item = Result<Line, StoreError>>,
    theirs: impl Stream<Item = Result<Line, StoreError>>,
    mut each: impl FnMut(&[Line], &[Line]) -> Result<(), crate::error::CommandError>,
) -> Result<(), crate::error::CommandError> {
    let (mut ours, mut theirs) = (pin!(ours), pin!(theirs));
    let mut next = [ours.try_next().await?, theirs.try_next().await?];
    loop {
        let keys = next.iter().flatten().map(|line| &line.key);
        let Some(key) = keys.min().cloned() else {
            return Ok(());
        };
        let mut lines = [Vec::new(), Vec::new()];
        while let Some(line) = next[0].take_if(|line| line.key == key) {
            lines[0].push(line);
            next[0] = ours.try_next().await?;
        }
        while let Some(line) = next[1].take_if(|line| line.key == key) {
            lines[1].push(line);
            next[1] = theirs.try_next().await?;
        }
        each(&lines[0], &lines[1])?;
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn line(key: &str, figure: &str) -> Line {
        Line {
            key: vec![key.to_owned()],
            figures: vec![Some(figure.to_owned())],
            day: None,
        }
    }

    #[tokio::test]
    async fn each_key_comes_once_with_the_lines_of_both() {
        let side = |lines: &[(&str, &str)]| {
            let lines: Vec<_> = lines
                .iter()
                .map(|(key, figure)| Ok(line(key, figure)))
                .collect();
            stream::iter(lines)
        };
        let ours = side(&[("a", "1"), ("b", "2"), ("b", "3"), ("d", "4")]);
        let theirs = side(&[("b", "5"), ("c", "6"), ("d", "7")]);
        let mut seen = Vec::new();
        let texts = |lines: &[Line]| -> String {
            lines
                .iter()
                .filter_map(|line| line.figures[0].clone())
                .collect()
        };
        merge(ours, theirs, |ours, theirs| {
            seen.push(format!("{}-{}", texts(ours), texts(theirs)));
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(seen, ["1-", "23-5", "-6", "4-7"]);
    }
}
