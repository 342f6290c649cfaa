//! What the answers cost: one estimate, one model's weights, the catalogue.
//! Compare rows of one run with each other; absolute times depend on the machine.

use std::sync::LazyLock;

use hwcmp::catalog::{Candidate, Catalog, DATA_DATE, QuantChoice, SelectError, Shape};
use hwcmp::machine::Machine;
use hwcmp::model::Weights;
use hwcmp::predict::memory::{best_plans, limits};
use hwcmp::predict::{Trace, estimate};
use hwcmp::study::{House, Query, Trust, builds, search};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::open(None, DATA_DATE).expect("the built-in data"));

const MODELS: [&str; 3] = ["llama-3.1-8b", "qwen3-32b", "gpt-oss-120b"];

fn main() {
    divan::main();
}

fn candidate(model: &str) -> Candidate<'static> {
    let machine = CATALOG.select_machine("4x3090-budget").expect("a machine");
    let model = &CATALOG.models().expect("models")[model];
    CATALOG
        .prepare(machine, model, &QuantChoice::Usual, None)
        .expect("an engine")
}

#[divan::bench(args = MODELS)]
fn one_estimate(bencher: divan::Bencher<'_, '_>, model: &str) {
    let candidate = candidate(model);
    let constants = CATALOG.constants().expect("constants");
    bencher.bench(|| {
        estimate(
            &candidate.scenario(&Shape::usual()),
            constants,
            &mut Trace::off(),
        )
    });
}

#[divan::bench(args = MODELS)]
fn placing_it(bencher: divan::Bencher<'_, '_>, model: &str) {
    let candidate = candidate(model);
    bencher.bench(|| best_plans(&candidate.scenario(&Shape::usual())));
}

#[divan::bench(args = MODELS)]
fn its_limits(bencher: divan::Bencher<'_, '_>, model: &str) {
    let candidate = candidate(model);
    bencher.bench(|| limits(&candidate.scenario(&Shape::usual())));
}

#[divan::bench(args = MODELS)]
fn its_weights(bencher: divan::Bencher<'_, '_>, model: &str) {
    let candidate = candidate(model);
    bencher.bench(|| Weights::of(&candidate.model.architecture, &candidate.weights.quant));
}

#[divan::bench(args = MODELS)]
fn a_search(bencher: divan::Bencher<'_, '_>, model: &str) {
    let query = Query {
        model: &CATALOG.models().expect("models")[model],
        least_bits: 4.0,
        quant: None,
        engine: None,
        shape: Shape::usual(),
        min_decode: 10.0,
        trust: Trust::Cautious,
    };
    let price = |machine: &Machine| -> Result<_, SelectError> {
        Ok(CATALOG.prices()?.price(machine, DATA_DATE))
    };
    bencher.bench(|| {
        let builds = builds(&CATALOG, &House::default(), price).expect("builds");
        search(&CATALOG, &query, &builds).map(|(found, _)| found.len())
    });
}

#[divan::bench]
fn catalogue_of_models() -> usize {
    let catalog = Catalog::open(None, DATA_DATE).expect("the built-in data");
    catalog.models().expect("models").len()
}

#[divan::bench]
fn catalogue_of_machines() -> usize {
    let catalog = Catalog::open(None, DATA_DATE).expect("the built-in data");
    catalog.machines().expect("machines").len()
}
