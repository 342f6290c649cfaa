//! The search for what to buy: its front, its constraints, and that its short cuts change nothing.

use std::sync::LazyLock;

use hwcmp::catalog::{Catalog, DATA_DATE, SelectError, Shape};
use hwcmp::machine::{Machine, Price};
use hwcmp::model::Quant;
use hwcmp::predict::memory::Fits;
use hwcmp::predict::{SplitChoice, Trace, circuit_limit, estimate};
use hwcmp::study::{
    Found, House, Offer, PowerLimits, Query, Refusal, Tally, Trust, builds, front, search, takes,
};
use hwcmp::units::Watts;
use proptest::prelude::{ProptestConfig, prop_assert, proptest};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::open(None, DATA_DATE).expect("the built-in data"));

const MODELS: [&str; 4] = [
    "qwen3-32b",
    "gpt-oss-120b",
    "llama-3.1-8b",
    "qwen3.6-35b-a3b",
];

fn query(model: &str, min_decode: f64, shape: Shape) -> Query<'static> {
    Query {
        model: &CATALOG.models().expect("models")[model],
        least_bits: 4.0,
        quant: None,
        engine: None,
        shape,
        min_decode,
        trust: Trust::Cautious,
    }
}

fn price(machine: &Machine) -> Result<Option<Price>, SelectError> {
    Ok(CATALOG.prices()?.price(machine, DATA_DATE))
}

fn run(query: &Query<'_>, house: &House) -> (Vec<Found>, Tally) {
    let builds = builds(&CATALOG, house, price).expect("builds");
    search(&CATALOG, query, &builds).expect("a search")
}

const HOUSE: House = House {
    circuit: Some(circuit_limit(120.0, 15.0)),
    max_watts: None,
    max_noise: None,
    require_cuda: false,
    limits: PowerLimits::Highest,
};

#[test]
fn the_whole_catalogue_is_a_hundred_thousand_configurations() {
    let (found, tally) = run(&query("qwen3-32b", 0.0, Shape::usual()), &HOUSE);
    assert!(tally.considered >= 100_000, "{tally:?}");
    let refused: u64 = tally.refused.values().sum();
    let ruled_out =
        tally.unproven + tally.indivisible + tally.too_large + tally.too_slow + tally.unsure;
    let parts = refused + ruled_out + tally.left;
    assert_eq!(parts, tally.considered);
    assert!(!found.is_empty() && found.len() as u64 <= tally.left);
}

#[test]
fn short_cuts_change_no_estimate() {
    let shape = Shape::usual();
    for model in MODELS {
        let query = query(model, 0.0, shape);
        let (found, _) = run(&query, &HOUSE);
        for found in found.iter().step_by(7) {
            // Each id names the same machine to the other commands.
            let mut machine = CATALOG
                .select_machine(&found.machine.id)
                .expect("a machine");
            if let Some(limit) = found.machine.power_limit {
                machine = machine.with_power_limit(limit).expect("a limit");
            }
            let quant = Quant::from_id(&found.quant).expect("a quant");
            let choice = hwcmp::catalog::QuantChoice::Exact(quant);
            let candidate = CATALOG
                .prepare(machine, query.model, &choice, Some(&found.engine))
                .expect("a candidate");
            let shape = Shape {
                split: SplitChoice::Only(found.estimate.plan.split),
                ..shape
            };
            let constants = CATALOG.constants().expect("constants");
            let plain = estimate(&candidate.scenario(&shape), constants, &mut Trace::off());
            assert_eq!(plain, found.estimate, "{model} on {}", found.machine.id);
        }
    }
}

#[test]
fn slots_and_supply_by_hand() {
    let hosts = CATALOG.hosts().expect("hosts");
    let devices = CATALOG.devices().expect("devices");
    let (desktop, tower, frame) = (
        &hosts["desktop"],
        &hosts["workstation"],
        &hosts["mining-h510"],
    );
    // Three-wide cards: 2 x 3 positions of 7 go in, 4 x 3 of 8 do not; a frame has risers.
    assert!(takes(desktop, &devices["rtx-3090"], 2));
    assert!(!takes(desktop, &devices["rtx-5090"], 3));
    assert!(!takes(tower, &devices["rtx-3090"], 4));
    assert!(takes(tower, &devices["rtx-a6000"], 4));
    assert!(takes(frame, &devices["rtx-3090"], 6) && !takes(frame, &devices["rtx-3090"], 7));
    // 75 + 575 W of 1,200 x 0.8 = 960 W; a second card makes 1,225 W, at 440 W each 955 W.
    let holds = |count, limit: Option<f64>| {
        let mut machine = CATALOG
            .rig(count, &devices["rtx-5090"], desktop)
            .expect("a rig");
        machine.power_limit = limit.map(Watts);
        machine.supply_holds().expect("known watts")
    };
    assert!(holds(1, None) && !holds(2, None));
    assert!(holds(2, Some(440.0)) && !holds(2, Some(445.0)));
}

#[test]
fn a_weak_circuit_refuses_a_rig() {
    let weak = House {
        circuit: Some(circuit_limit(100.0, 15.0)),
        ..HOUSE
    };
    // 1,200 W bear 75 + 4 x 280 W = 1,195 W but not the rated 350 W each; a Spark as it is.
    let builds = builds(&CATALOG, &weak, price).expect("builds");
    let of = |id: &str| -> Vec<(Option<f64>, Option<Refusal>)> {
        let builds = builds.iter().filter(|build| build.machine.id == id);
        builds
            .map(|build| {
                (
                    build.machine.power_limit.map(|limit| limit.0),
                    build.refusal,
                )
            })
            .collect()
    };
    let throttled = Some(Refusal::Throttled);
    assert_eq!(
        of("4x3090-budget"),
        [
            (None, Some(Refusal::Circuit)),
            (Some(280.0), None),
            (Some(225.0), throttled),
            (Some(175.0), throttled),
        ]
    );
    assert_eq!(of("dgx-spark"), [(None, None)]);
}

#[test]
fn a_limit_that_is_asked_for_binds_what_is_rated_higher() {
    let house = House {
        limits: PowerLimits::Fixed(Watts(200.0)),
        ..HOUSE
    };
    let (found, _) = run(&query("llama-3.1-8b", 0.0, Shape::usual()), &house);
    for found in &found {
        let device = &found.machine.device;
        let rated = device
            .power
            .limit
            .filter(|_| device.lowest_limit().is_some());
        let limited = found.machine.power_limit.is_some();
        assert_eq!(
            limited,
            rated.is_some_and(|rated| rated.0 > 200.0),
            "{}",
            device.id
        );
        let lowest = device.lowest_limit().map_or(0.0, |watts| watts.0);
        assert!(!limited || lowest <= 200.0, "{}", device.id);
    }
    assert!(
        found
            .iter()
            .any(|found| found.machine.power_limit.is_some())
    );
}

#[test]
fn lower_limits_than_needed_would_change_no_front() {
    let every = House {
        limits: PowerLimits::Every,
        ..HOUSE
    };
    for model in MODELS {
        let query = query(model, 10.0, Shape::usual());
        let line = |house: &House| -> Vec<(f64, f64)> {
            let sure = run(&query, house).0.into_iter();
            let line = front(sure.filter(|found| found.is_sure(&query)).collect());
            line.iter()
                .map(|found| (found.cost(), found.gain()))
                .collect()
        };
        assert_eq!(line(&HOUSE), line(&every), "{model}");
    }
}

#[test]
fn what_ranks_is_the_end_that_is_trusted() {
    for trust in [Trust::Cautious, Trust::Middle] {
        let query = Query {
            trust,
            ..query("qwen3-32b", 20.0, Shape::usual())
        };
        let (found, tally) = run(&query, &HOUSE);
        for found in &found {
            let rate = found.estimate.decode.expect("a rate");
            let counted = match trust {
                Trust::Cautious => rate.low,
                Trust::Middle => rate.mid,
            };
            assert!((found.gain() - counted).abs() < 1e-12 && rate.mid >= 20.0);
            assert_eq!(found.is_sure(&query), counted >= 20.0);
        }
        assert_eq!(tally.unsure > 0, trust == Trust::Cautious, "{tally:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn no_point_of_the_front_is_dominated_and_each_keeps_to_the_rules(
        model in 0..4usize,
        min_decode in 0.0..60.0f64,
        max_watts in 200.0..2000.0f64,
        require_cuda: bool,
        trust in proptest::sample::select(vec![Trust::Cautious, Trust::Middle]),
        concurrency in 1..5u32,
        context in 4096..65_536u64,
    ) {
        let house = House { max_watts: Some(max_watts), require_cuda, ..HOUSE };
        let shape = Shape { context, concurrency, ..Shape::usual() };
        let query = Query { trust, ..query(MODELS[model], min_decode, shape) };
        let (mut found, _) = run(&query, &house);
        found.retain(|found| found.is_sure(&query));
        let line = front(found.clone());
        prop_assert!(found.is_empty() == line.is_empty());
        for point in &line {
            let dominated = found.iter().any(|other| {
                other.cost() <= point.cost()
                    && other.gain() >= point.gain()
                    && (other.cost() < point.cost() || other.gain() > point.gain())
            });
            prop_assert!(!dominated, "{}", point.machine.id);
            prop_assert!(point.gain() >= min_decode);
            prop_assert!(point.estimate.plan.fits == Fits::Yes);
            prop_assert!(point.estimate.batch >= concurrency);
            prop_assert!(point.machine.load_watts().expect("watts").0 <= max_watts);
            prop_assert!(point.machine.peak_watts().expect("watts").0 <= 1440.0);
            prop_assert!(!require_cuda || point.machine.device.has_cuda());
            if let Some(host) = &point.machine.host {
                let known = CATALOG.machines().expect("machines").contains_key(&point.machine.id);
                prop_assert!(known || takes(host, &point.machine.device, point.machine.count));
                prop_assert!(known || point.machine.supply_holds() == Some(true));
            }
        }
    }
}
