//! The figures as files, read back by readers that know nothing of what wrote them, over both databases.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use calamine::{Data, Range, Reader as _, Xlsx, open_workbook};
use rust_decimal::Decimal;
use tests::{Site, garble_a_contrato};

use crate::on_both::on_both;

on_both! {
    csv_has_the_rows_of_the_tables_in_both_dialects,
    a_workbook_has_typed_cells_and_the_sums_of_the_tables,
    what_is_missing_is_said_and_what_cannot_be_written_is_refused,
}

/// The golden window.
const WINDOW: &str = "--start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23";

/// Each table with how many columns are its key, without the name, and how many its figures.
const TABLES: [(&str, usize, usize); 4] = [
    ("entradas_caixa", 3, 2),
    ("delinquency", 2, 6),
    ("estatisticas_portfolio", 2, 6),
    ("saidas_caixa", 3, 2),
];

type Rows = BTreeMap<String, String>;

/// Exports with these flags to a file of a folder; returns its bytes.
async fn export(site: &Site, folder: &Path, name: &str, flags: &str) -> anyhow::Result<Vec<u8>> {
    let out = folder.join(name).display().to_string();
    let mut arguments = vec!["export", "--out", &out];
    arguments.extend(flags.split_whitespace());
    let told = site.exits(0, &arguments).await?;
    ensure!(told.is_empty(), "{told}");
    Ok(fs::read(&out).unwrap_or_default())
}

/// The rows of a table as the database has them, without what an export leaves out.
async fn rows(site: &Site, table: &str, figures: usize) -> anyhow::Result<Rows> {
    let mut tables = site.tables().await?;
    let rows = tables.remove(table).context("no such table")?;
    let cut = |values: String| {
        let values: Vec<_> = values.split(' ').take(figures).collect();
        values.join(" ")
    };
    let rows = rows.into_iter().map(|(key, values)| (key, cut(values)));
    Ok(rows.collect())
}

/// The same of a file, in which every line must have every column.
fn rows_of_csv(file: &[u8], dialect: &str, keys: usize, figures: usize) -> anyhow::Result<Rows> {
    let (delimiter, text) = match dialect {
        "br" => {
            let text = file.strip_prefix(b"\xef\xbb\xbf");
            (b';', text.context("no byte order mark")?)
        }
        _ => (b',', file),
    };
    ensure!(text.ends_with(b"\r\n"), "no CRLF at the end");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text);
    let mut rows = Rows::new();
    for record in reader.records() {
        let record = record?;
        let fields: Vec<&str> = record.iter().collect();
        let mut key: Vec<String> = fields[..keys]
            .iter()
            .map(|&field| field.to_owned())
            .collect();
        let mut values = fields[keys + 1..=keys + figures].join(" ");
        if dialect == "br" {
            let month = key[1].strip_prefix("01/").context("no first day")?;
            let (month, year) = month.split_once('/').context("no month")?;
            key[1] = format!("{year}-{month}");
            values = values.replace(',', ".");
        }
        let is_new = rows.insert(key.join("|"), values).is_none();
        ensure!(is_new, "{key:?} is there twice");
    }
    Ok(rows)
}

async fn csv_has_the_rows_of_the_tables_in_both_dialects(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    let folder = tempfile::tempdir()?;
    for dialect in ["br", "rfc"] {
        let flags = format!("--format csv --dialect {dialect}");
        for name in ["first.csv", "second.csv"] {
            export(site, folder.path(), name, &flags).await?;
        }
        for (table, keys, figures) in TABLES {
            let file = |name: &str| fs::read(folder.path().join(format!("{name}-{table}.csv")));
            let (first, second) = (file("first")?, file("second")?);
            assert!(first == second, "{table} in {dialect} differs");
            let expected = rows(site, table, figures).await?;
            assert!(!expected.is_empty(), "{table}");
            assert_eq!(
                rows_of_csv(&first, dialect, keys, figures)?,
                expected,
                "{table} in {dialect}"
            );
        }
    }
    // One table goes to the file itself, and months are those asked for.
    let flags = "--format csv --dialect rfc --tables delinquency --months 2026-02..2026-03";
    let file = export(site, folder.path(), "one.csv", flags).await?;
    let found = rows_of_csv(&file, "rfc", 2, 6)?;
    let mut expected = rows(site, "delinquency", 6).await?;
    expected.retain(|key, _| key.ends_with("|2026-02") || key.ends_with("|2026-03"));
    assert_eq!(found, expected);
    let mut left: Vec<_> = fs::read_dir(folder.path())?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    left.retain(|name| name.to_string_lossy().ends_with(".partial"));
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

fn number(cell: &Data) -> anyhow::Result<f64> {
    match cell {
        Data::Float(number) => Ok(*number),
        Data::Int(number) => Ok(*number as f64),
        other => anyhow::bail!("{other:?} is no number"),
    }
}

/// The sum of each column of figures over the rows of a table, exact until it is a double.
fn sums(rows: &Rows, figures: usize) -> anyhow::Result<Vec<f64>> {
    let mut sums = vec![Decimal::ZERO; figures];
    for values in rows.values() {
        for (sum, value) in sums.iter_mut().zip(values.split(' ')) {
            *sum += value.parse::<Decimal>()?;
        }
    }
    let sums = sums.iter().map(|sum| anyhow::Ok(sum.to_string().parse()?));
    sums.collect()
}

/// The sheet of a table: typed cells in each row, and sums below.
fn check_sheet(
    sheet: &Range<Data>,
    rows: &Rows,
    [keys, figures]: [usize; 2],
    averages: &[usize],
) -> anyhow::Result<()> {
    // Code, name, month, and the category where there is one.
    let first = keys + 1;
    let height = rows.len() + 2;
    ensure!(sheet.height() == height, "{} rows", sheet.height());
    for row in sheet.rows().skip(1).take(rows.len()) {
        number(&row[0])?;
        ensure!(matches!(row[1], Data::String(_)), "{row:?}");
        ensure!(matches!(row[2], Data::DateTime(_)), "{row:?}");
        for cell in &row[first..first + figures] {
            number(cell)?;
        }
        ensure!(matches!(row[first + figures], Data::DateTime(_)), "{row:?}");
        ensure!(
            matches!(row[first + figures + 1], Data::String(_)),
            "{row:?}"
        );
        ensure!(
            matches!(row[first + figures + 2], Data::DateTime(_)),
            "{row:?}"
        );
    }
    let total = sheet.rows().next_back().context("no row")?;
    ensure!(total[0] == Data::String("Total".to_owned()), "{total:?}");
    for (column, sum) in sums(rows, figures)?.into_iter().enumerate() {
        let cell = &total[first + column];
        match averages.contains(&column) {
            true => ensure!(*cell == Data::Empty, "{cell:?}"),
            false => ensure!(number(cell)? == sum, "{cell:?} instead of {sum}"),
        }
    }
    Ok(())
}

async fn a_workbook_has_typed_cells_and_the_sums_of_the_tables(site: &Site) -> anyhow::Result<()> {
    const TITLES: [&str; 4] = [
        "Entradas de caixa",
        "Inadimplência",
        "Carteira",
        "Saídas de caixa",
    ];
    site.backfill(0, WINDOW).await?;
    let folder = tempfile::tempdir()?;
    let first = export(site, folder.path(), "first.xlsx", "--format xlsx").await?;
    let second = export(site, folder.path(), "second.xlsx", "--format xlsx").await?;
    assert!(first == second, "the same state makes other bytes");

    let mut workbook: Xlsx<_> = open_workbook(folder.path().join("first.xlsx"))?;
    let names = [&["Resumo"][..], &TITLES, &["Provas", "Proveniência"]].concat();
    assert_eq!(workbook.sheet_names(), names);
    let summary = workbook.worksheet_range("Resumo")?;
    let state = summary.get_value((0, 1)).context("no state")?;
    assert_eq!(*state, Data::String("COMPLETO".to_owned()));
    let formulas = workbook.worksheet_formula("Resumo")?;
    for ((table, keys, figures), title) in TABLES.into_iter().zip(TITLES) {
        let rows = rows(site, table, figures).await?;
        let sheet = workbook.worksheet_range(title)?;
        let averages: &[usize] = match table {
            "estatisticas_portfolio" => &[1, 2, 3],
            _ => &[],
        };
        check_sheet(&sheet, &rows, [keys, figures], averages).context(title)?;
        // The same sums on the first sheet, as formulas over this one.
        let mut expected = sums(&rows, figures)?.into_iter().enumerate();
        for (at, row) in summary.rows().enumerate() {
            if row[0] != Data::String(title.to_owned()) {
                continue;
            }
            let (_, sum) = expected
                .by_ref()
                .find(|(column, _)| !averages.contains(column))
                .context("more sums than columns")?;
            assert_eq!(number(&row[2])?, rows.len() as f64, "{title}");
            assert_eq!(number(&row[3])?, sum, "{title}");
            let formula = formulas.get_value((u32::try_from(at)?, 3));
            let formula = formula.context("no formula")?;
            assert!(formula.contains(&format!("SUM('{title}'!")), "{formula}");
        }
        let left = expected.filter(|(column, _)| !averages.contains(column));
        assert_eq!(left.count(), 0, "{title}");
    }
    // Every balance adds up, and no check fails.
    let proofs = workbook.worksheet_range("Provas")?;
    let verdicts: Vec<_> = proofs
        .rows()
        .skip(1)
        .map(|row| row[4].to_string())
        .collect();
    assert!(verdicts.iter().any(|verdict| verdict == "fecha"));
    assert!(verdicts.iter().any(|verdict| verdict == "aprovada"));
    let bad = |verdict: &&String| ["não fecha", "reprovada"].contains(&verdict.as_str());
    assert_eq!(verdicts.iter().find(bad), None);
    // Every cell has a commit that it is of.
    let provenance = workbook.worksheet_range("Proveniência")?;
    let written = provenance.rows().skip(1).map(|row| number(&row[14]));
    let written: f64 = written.sum::<anyhow::Result<f64>>()?;
    let mut cells = 0;
    for (table, _, figures) in TABLES {
        cells += rows(site, table, figures).await?.len();
    }
    assert_eq!(written, cells as f64);
    Ok(())
}

async fn what_is_missing_is_said_and_what_cannot_be_written_is_refused(
    site: &Site,
) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    garble_a_contrato(site.erp());
    site.backfill(3, WINDOW).await?;
    let folder = tempfile::tempdir()?;
    let state_of = async |flags: &str| {
        export(site, folder.path(), "a.xlsx", flags).await?;
        let mut workbook: Xlsx<_> = open_workbook(folder.path().join("a.xlsx"))?;
        let summary = workbook.worksheet_range("Resumo")?;
        let text: Vec<_> = summary
            .cells()
            .map(|(_, _, cell)| cell.to_string())
            .collect();
        anyhow::Ok((text[1].clone(), text.join("|")))
    };
    let (state, text) = state_of("--format xlsx").await?;
    assert_eq!(state, "PARCIAL");
    assert!(
        text.contains("com falha") && text.contains("1406"),
        "{text}"
    );
    let (state, _) = state_of("--format xlsx --tables saidas_caixa").await?;
    assert_eq!(state, "COMPLETO", "the cash out has not failed");
    let (state, text) = state_of("--format xlsx --as-of 2020-01-01").await?;
    assert_eq!(state, "PARCIAL");
    assert!(text.contains("nenhum valor"), "{text}");
    let (state, text) = state_of("--format xlsx --tables saidas_caixa --months 2031-01").await?;
    assert_eq!(state, "PARCIAL");
    assert!(text.contains("mês sem valores"), "{text}");

    for flags in [
        "--format xlsx --out /no/such/folder/a.xlsx",
        "--format csv --out -",
        "--format xlsx --out a.xlsx --dialect br",
        "--format xlsx --out a.xlsx --as-of 2026-01-01 --closed",
    ] {
        let mut arguments = vec!["export"];
        arguments.extend(flags.split_whitespace());
        site.exits(2, &arguments).await?;
    }
    Ok(())
}
