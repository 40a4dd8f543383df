//! Time of reading, and of reading and folding, the golden answers:
//! `cargo bench -p benches`.

use std::hint::black_box;

use benches::{fold_parcelas, golden, whole};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn parcelas(criterion: &mut Criterion) {
    let bodies = golden::parcelas();
    let empty = golden::empty_fold().contrato_fold();
    let mut group = criterion.benchmark_group("parcelas");
    group.throughput(Throughput::Elements(golden::PARCELAS));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            for (contrato, body) in &bodies {
                benches::parcelas(body, *contrato, (), |(), record| drop(black_box(record)));
            }
        });
    });
    group.bench_function("read and fold", |bencher| {
        bencher.iter(|| {
            for (contrato, body) in &bodies {
                black_box(fold_parcelas(body, *contrato, &empty));
            }
        });
    });
    group.finish();
}

fn contratos(criterion: &mut Criterion) {
    let bodies = golden::contratos();
    let listed: usize = bodies
        .iter()
        .map(|(id, body)| whole(parse::contratos(*id), body).len())
        .sum();
    let mut group = criterion.benchmark_group("contratos");
    group.throughput(Throughput::Elements(listed as u64));
    group.bench_function("read and list", |bencher| {
        bencher.iter(|| {
            for (id, body) in &bodies {
                let mut fold = golden::empty_fold();
                fold.list(whole(parse::contratos(*id), body))
                    .expect("golden contratos have codes");
                black_box(fold);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, parcelas, contratos);
criterion_main!(benches);
