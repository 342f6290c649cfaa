//! Laws of serving many: the search for the most requests, and the people behind them.

use std::sync::LazyLock;

use hwcmp::catalog::{Candidate, Catalog, DATA_DATE, QuantChoice, Shape};
use hwcmp::predict::memory::Fits;
use hwcmp::predict::{Estimate, Offload, SplitChoice, Trace, estimate};
use hwcmp::study::{Capacity, Limit, Quality, Trust, capacity, people};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::open(None, DATA_DATE).expect("the built-in data"));

const MODELS: [&str; 4] = [
    "llama-3.1-8b",
    "qwen3-32b",
    "gpt-oss-120b",
    "qwen3.6-35b-a3b",
];
/// Machines with engines that batch in each way, and splits of each kind.
const MACHINES: [(&str, Option<&str>); 7] = [
    ("dgx-spark", None),
    ("dgx-spark", Some("ollama")),
    ("4x3090-budget", Some("llama.cpp")),
    ("4x3090-pro", Some("vllm")),
    ("rtx-5090-workstation", None),
    ("mac-studio-m3-ultra-96", None),
    ("2x rtx-4090", Some("vllm")),
];

fn candidate(machine: usize, model: usize) -> Option<Candidate<'static>> {
    let (name, engine) = MACHINES[machine];
    let machine = CATALOG.select_machine(name).expect("a machine");
    let model = &CATALOG.models().expect("models")[MODELS[model]];
    let prepared = CATALOG.prepare(machine, model, &QuantChoice::Usual, engine);
    prepared.ok()
}

fn request(prompt: u64) -> Shape {
    Shape {
        context: 8192,
        depth: 1000 + prompt,
        prompt,
        cached: 1000,
        output: 300,
        ..Shape::usual()
    }
}

fn most(candidate: &Candidate<'_>, shape: &Shape, quality: Quality, trust: Trust) -> Capacity {
    let constants = CATALOG.constants().expect("constants");
    capacity(&candidate.scenario(shape), constants, quality, trust)
}

/// The estimate of so many requests in the split that a capacity was found in, with as much
/// in the host's memory as they need where some of the model was.
fn at(candidate: &Candidate<'_>, shape: &Shape, found: &Capacity, requests: u32) -> Estimate {
    let plan = &found.estimate.plan;
    let offload = match plan.fits {
        Fits::Offload => Offload::ForAll,
        Fits::Yes | Fits::No => shape.offload,
    };
    let shape = Shape {
        concurrency: requests,
        split: SplitChoice::Only(plan.split),
        offload,
        ..*shape
    };
    let constants = CATALOG.constants().expect("constants");
    estimate(&candidate.scenario(&shape), constants, &mut Trace::off())
}

fn is_served(estimate: &Estimate, requests: u32, quality: Quality) -> bool {
    let (Some(decode), Some(ttft)) = (estimate.decode, estimate.ttft) else {
        return false;
    };
    estimate.batch >= requests
        && decode.mid >= quality.min_decode
        && ttft.warm.mid <= quality.max_ttft
}

/// Whether all loads up to what the search finds are served, the near ones, where kernels
/// change and prompts cease to fit one micro-batch, and those before the last, and no more.
fn scanned(candidate: &Candidate<'_>, shape: &Shape, quality: Quality) -> Result<(), String> {
    let found = most(candidate, shape, quality, Trust::Middle);
    let last = found.requests;
    let serves = |requests| {
        let estimate = at(candidate, shape, &found, requests);
        is_served(&estimate, requests, quality)
    };
    for requests in (1..=last.min(45)).chain(last.saturating_sub(4).max(1)..=last) {
        if !serves(requests) {
            return Err(format!("{requests} of {last} are not served"));
        }
    }
    if found.limit.is_some() && serves(last + 1) {
        return Err(format!("{} are served too", last + 1));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_search_finds_what_a_scan_finds(which in 0..7usize, model in 0..4usize, prompt in 50..1500u64, min_decode in 2.0..40.0f64, max_ttft in 0.3..30.0f64) {
        let (Some(candidate), shape) = (candidate(which, model), request(prompt)) else {
            return Ok(());
        };
        prop_assert_eq!(scanned(&candidate, &shape, Quality { min_decode, max_ttft }), Ok(()));
    }

    #[test]
    fn a_more_demanding_user_is_never_served_more_often(which in 0..7usize, model in 0..4usize, prompt in 50..1500u64, min_decode in 2.0..40.0f64, max_ttft in 0.3..30.0f64, faster in 1.0..4.0f64, sooner in 1.0..4.0f64) {
        let (Some(candidate), shape) = (candidate(which, model), request(prompt)) else {
            return Ok(());
        };
        let easy = Quality { min_decode, max_ttft };
        let hard = Quality { min_decode: min_decode * faster, max_ttft: max_ttft / sooner };
        let count = |quality, trust| most(&candidate, &shape, quality, trust).requests;
        prop_assert!(count(hard, Trust::Middle) <= count(easy, Trust::Middle));
        prop_assert!(count(easy, Trust::Cautious) <= count(easy, Trust::Middle));
    }

    #[test]
    fn all_users_together_make_at_least_what_one_does(which in 0..7usize, model in 0..4usize, users in 1..200u32) {
        let Some(candidate) = candidate(which, model) else {
            return Ok(());
        };
        let shape = Shape { concurrency: users, ..request(500) };
        let constants = CATALOG.constants().expect("constants");
        let answer = estimate(&candidate.scenario(&shape), constants, &mut Trace::off());
        if let (Some(all), Some(each), Some(wall)) = (answer.aggregate, answer.decode, answer.wall) {
            prop_assert!(all.mid >= each.mid * (1.0 - 1e-9));
            prop_assert!((all.mid - each.mid * f64::from(answer.batch)).abs() < 1e-6 * all.mid);
            // Prefills take time that decode does not count.
            prop_assert!(wall.mid < all.mid);
        }
    }

    #[test]
    fn people_rise_with_requests_and_fall_with_their_share(requests in 1..300u32, share in 0.01..1.0f64, more in 1.0..3.0f64) {
        let served = people(requests, share);
        prop_assert!(served >= requests);
        prop_assert!(people(requests + 1, share) > served);
        prop_assert!(people(requests, (share * more).min(1.0)) <= served);
        prop_assert_eq!(people(requests, 1.0), requests);
    }
}

#[test]
fn the_host_makes_room_for_more() {
    let machine = CATALOG.select_machine("rtx-5080").expect("a machine");
    let model = &CATALOG.models().expect("models")["gpt-oss-20b"];
    let candidate = CATALOG
        .prepare(machine, model, &QuantChoice::Usual, Some("llama.cpp"))
        .expect("llama.cpp runs it");
    let easy = Quality {
        min_decode: 4.0,
        max_ttft: 1e6,
    };
    let long = Shape {
        context: 32_768,
        ..request(1000)
    };
    let whole = Shape {
        offload: Offload::NOTHING,
        ..long
    };
    let all = most(&candidate, &whole, easy, Trust::Middle);
    assert_eq!(all.limit, Some(Limit::Memory));
    assert_eq!(all.estimate.plan.fits, Fits::Yes);
    let more = most(&candidate, &long, easy, Trust::Middle);
    assert!(more.requests > all.requests, "{}", more.requests);
    assert_eq!(more.estimate.plan.fits, Fits::Offload);
    // At the speed that the devices alone reach, nothing on the host helps.
    let fast = Quality {
        min_decode: all.estimate.decode.expect("a rate").mid,
        max_ttft: 1e6,
    };
    let same = most(&candidate, &long, fast, Trust::Middle);
    assert_eq!(same.requests, all.requests);
    assert_eq!(same.estimate.plan.fits, Fits::Yes);
}

#[test]
fn one_by_one_is_not_a_batch() {
    let candidate = candidate(1, 0).expect("Ollama runs it");
    let easy = Quality {
        min_decode: 0.1,
        max_ttft: 1e6,
    };
    let found = most(&candidate, &request(500), easy, Trust::Middle);
    assert_eq!((found.requests, found.limit), (1, Some(Limit::OneByOne)));
}

/// Eight short prompts fill one micro-batch, which reads the weights once; an engine that
/// answers one after another reads them for each.
#[test]
fn prompts_that_wait_are_read_together() {
    let wait = |machine: usize, users: u32| {
        let candidate = candidate(machine, 0).expect("an engine");
        let shape = Shape {
            concurrency: users,
            prompt: 32,
            cached: 0,
            depth: 32,
            output: 1,
            ..request(0)
        };
        let constants = CATALOG.constants().expect("constants");
        let answer = estimate(&candidate.scenario(&shape), constants, &mut Trace::off());
        answer.ttft.expect("a wait").warm.mid
    };
    let (one, eight) = (wait(3, 1), wait(3, 8));
    assert!(eight < 3.0 * one, "{eight} after {one}");
    let (one, eight) = (wait(1, 1), wait(1, 8));
    assert!(eight > 4.0 * one, "{eight} after {one}");
}

/// MLX multiplies up to nine rows one by one: ten users are each served faster than nine, who
/// are the limit nevertheless.
#[test]
fn a_change_of_kernels_is_not_searched_past() {
    let candidate = candidate(5, 0).expect("MLX runs it");
    let rate = |users: u32| {
        let shape = Shape {
            concurrency: users,
            ..request(50)
        };
        let constants = CATALOG.constants().expect("constants");
        let answer = estimate(&candidate.scenario(&shape), constants, &mut Trace::off());
        answer.decode.expect("a rate").mid
    };
    let (eight, nine, ten) = (rate(8), rate(9), rate(10));
    assert!(nine < eight && eight < ten, "{eight} {nine} {ten}");
    let quality = Quality {
        min_decode: f64::midpoint(nine, eight),
        max_ttft: 1e6,
    };
    let found = most(&candidate, &request(50), quality, Trust::Middle);
    assert_eq!((found.requests, found.limit), (8, Some(Limit::Decode)));
    assert_eq!(scanned(&candidate, &request(50), quality), Ok(()));
}
