use store::CellKey;

use super::*;

fn cell(nome: &str, category: &str, values: [&str; 2]) -> Cell {
    Cell {
        key: CellKey {
            owner: 1471,
            ref_month: "2026-03".parse().unwrap(),
            category: category.to_owned(),
        },
        nome: nome.to_owned(),
        values: values.map(|value| value.parse().unwrap()).to_vec(),
        run: "20260401-052000-abcdef".parse().unwrap(),
        at: "2026-04-01T08:21:33.5Z".parse().unwrap(),
        as_of: Some("2026-04-01".parse().unwrap()),
    }
}

/// What a file of these rows has.
fn file_of(dialect: Dialect, cells: &[Cell]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("figures.csv");
    let mut file = CsvFile::begin(&path, FigureTable::EntradasCaixa, dialect).unwrap();
    for cell in cells {
        file.row(cell).unwrap();
    }
    file.end().unwrap().finish().unwrap();
    std::fs::read_to_string(&path).unwrap()
}

#[test]
fn a_dialect_for_excel_in_portuguese_and_one_by_the_rfc() {
    let cells = [
        cell("Água; \"Viva\"", "ativos", ["1234.5", "-0.10"]),
        cell("Rua, 7", "outras", ["0", "1"]),
    ];
    assert_eq!(
        file_of(Dialect::Br, &cells),
        "\u{feff}empreendimento_id;ref_month;category;empreendimento_nome;forecast;actual;as_of;\
         run_id;written_at\r\n\
         1471;01/03/2026;ativos;\"Água; \"\"Viva\"\"\";1234,50;-0,10;01/04/2026;\
         20260401-052000-abcdef;01/04/2026 05:21:33\r\n\
         1471;01/03/2026;outras;Rua, 7;0,00;1,00;01/04/2026;\
         20260401-052000-abcdef;01/04/2026 05:21:33\r\n"
    );
    assert_eq!(
        file_of(Dialect::Rfc, &cells),
        "empreendimento_id,ref_month,category,empreendimento_nome,forecast,actual,as_of,run_id,\
         written_at\r\n\
         1471,2026-03,ativos,\"Água; \"\"Viva\"\"\",1234.50,-0.10,2026-04-01,\
         20260401-052000-abcdef,2026-04-01T08:21:33.500Z\r\n\
         1471,2026-03,outras,\"Rua, 7\",0.00,1.00,2026-04-01,\
         20260401-052000-abcdef,2026-04-01T08:21:33.500Z\r\n"
    );
}

#[test]
fn text_is_no_formula_and_amounts_stay_amounts() {
    for (text, expected) in [
        ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
        ("+55 11", "'+55 11"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("Torre = 2", "Torre = 2"),
        ("'=1", "'=1"),
        ("", ""),
    ] {
        assert_eq!(neutral(text), expected, "{text:?}");
    }
    for dialect in [Dialect::Br, Dialect::Rfc] {
        let text = file_of(dialect, &[cell("=1+1", "-x", ["-5.25", "-0.01"])]);
        assert!(text.contains("'=1+1") && text.contains("'-x"), "{text}");
        assert!(!text.contains("'-5") && !text.contains("'-0"), "{text}");
    }
}

#[test]
fn one_of_several_tables_has_its_name_in_the_file_s() {
    for (out, expected) in [
        ("figures.csv", "figures-delinquency.csv"),
        ("a.b/figures.de.csv", "a.b/figures.de-delinquency.csv"),
        ("a.b/figures", "a.b/figures-delinquency"),
    ] {
        let path = path_of(Path::new(out), FigureTable::Delinquency);
        assert_eq!(path, Path::new(expected));
    }
}
