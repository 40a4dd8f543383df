use super::*;
use crate::doctor::report::Report;
use crate::doctor::text::text;

fn diagnosis() -> Diagnosis {
    Diagnosis {
        version: "PostgreSQL 15.8".to_owned(),
        size_bytes: 12_345_678,
        clock_ahead: TimeDelta::milliseconds(-40),
        schema: Schema::default(),
    }
}

fn with_schema(schema: Schema) -> Check {
    super::schema(&schema, Program::Producer)
}

#[test]
fn a_database_in_order() {
    let mut checks = super::checks(&diagnosis(), true, Program::Producer);
    checks.extend([write(Ok(())), size(diagnosis().size_bytes)]);
    let report = Report::new(checks);
    assert_eq!(report.exit(), Exit::Done);
    insta::assert_snapshot!(text(&report));
}

#[test]
fn a_file_has_this_machines_clock() {
    let names = super::checks(&diagnosis(), false, Program::MegaSync);
    let names: Vec<_> = names.iter().map(|check| check.name).collect();
    assert_eq!(names, [DATABASE, SCHEMA]);
}

#[test]
fn each_problem_of_a_database() {
    let folder = Path::new("/data");
    let schemas = [
        Schema {
            missing: vec![2, 3],
            ..Schema::default()
        },
        Schema {
            unknown: vec![9],
            ..Schema::default()
        },
        Schema {
            altered: vec![1],
            missing: vec![3],
            ..Schema::default()
        },
        Schema {
            unfinished: vec![2],
            ..Schema::default()
        },
        Schema {
            missing: vec![1],
            foreign: vec!["filiais".to_owned()],
            ..Schema::default()
        },
    ];
    let mut checks: Vec<_> = schemas.map(with_schema).into();
    checks.extend([
        unreachable(StoreError::Away("connection refused".to_owned())),
        unreachable(StoreError::Refused(
            "password authentication failed".to_owned(),
        )),
        unreachable(StoreError::Url("not a PostgreSQL URL".to_owned())),
        no_file(Path::new("mega-sync.sqlite")),
        write(Err(StoreError::Refused(
            "permission denied \u{1b}[2J".to_owned(),
        ))),
        write_untried(),
        clock(TimeDelta::milliseconds(5_100)),
        clock(TimeDelta::seconds(-90)),
        free(LEAST_FREE_BYTES - 1, folder),
        free(LEAST_FREE_BYTES, folder),
    ]);
    insta::assert_snapshot!(text(&Report::new(checks)));
}

#[test]
fn the_exit_code_is_of_what_must_be_put_right_first() {
    let away = || unreachable(StoreError::Away("gone".to_owned()));
    let url = || unreachable(StoreError::Url("none".to_owned()));
    let other = || write(Err(StoreError::Refused("no".to_owned())));
    let exit = |checks| Report::new(checks).exit();
    assert_eq!(exit(vec![clock(TimeDelta::days(1))]), Exit::Done);
    assert_eq!(exit(vec![other()]), Exit::Other);
    assert_eq!(exit(vec![other(), away()]), Exit::Away);
    assert_eq!(exit(vec![other(), away(), url()]), Exit::Usage);
}

#[test]
fn the_free_space_of_a_folder_that_is_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let check = free_space(&folder.path().join("new.sqlite"));
    assert!(check.found.contains(" MB free in /"), "{check:?}");
    let check = free_space(Path::new("/no/such/folder/new.sqlite"));
    assert_eq!(Report::new(vec![check]).exit(), Exit::Other);
}
