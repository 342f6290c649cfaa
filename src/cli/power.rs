//! `hwcmp power`: speed, watts and cost of a machine over limits on what each card draws.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::args::{PowerArguments, PowerLimitArguments, SetupArguments};
use super::fit_text::remedy_words;
use super::money::electricity;
use super::power_text::{footnote, headline};
use super::session::Session;
use super::setup::{assume_offload, candidates, shape};
use super::subject::subject;
use crate::catalog::{Candidate, Shape};
use crate::predict::memory::{Fits, Plan, Remedy};
use crate::predict::{
    Constants, Estimate, SplitChoice, Trace, Tuning, circuit_limit, estimate_tuned,
};
use crate::report::{Cell, Column, Format, Role, Value};
use crate::units::{UsdPerKilowattHour, Watts};

const COLUMNS: [Column; 13] = [
    Column::new("power_limit_watts", "limit", "W", Format::Count, 0),
    Column::new(
        "decode_tokens_per_second",
        "decode",
        "tok/s",
        Format::Number,
        0,
    ),
    Column::new("decode_share", "of stock", "", Format::Percent, 5),
    Column::new(
        "prefill_tokens_per_second",
        "prefill",
        "tok/s",
        Format::Number,
        3,
    ),
    Column::new("wall_watts", "decoding", "W", Format::Count, 1),
    Column::new("full_load_watts", "flat out", "W", Format::Count, 6),
    Column::new("peak_watts", "peak", "W", Format::Count, Column::HIDDEN),
    Column::new("decode_tokens_per_joule", "tok/J", "", Format::Number, 1),
    Column::new(
        "electricity_usd_per_million_tokens",
        "$/M tokens",
        "",
        Format::Number,
        2,
    ),
    Column::new("mark", "", "", Format::Text, 0),
    Column::new("split", "split", "", Format::Text, Column::HIDDEN),
    Column::new(
        "psu_holds",
        "supply holds",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
    Column::new(
        "circuits_hold",
        "circuits that hold",
        "",
        Format::Text,
        Column::HIDDEN,
    ),
];

/// Rows of the curve, the rated power among them.
const ROWS: u32 = 10;
/// The curve begins at this share of the rating, or at what the driver takes: published
/// sweeps reach down to 0.33-0.54 of it and lose half to nine tenths of the speed there.
const LOWEST_SHARE: f64 = 0.4;
/// Watts between the limits that are tried for the sweet spot.
const STEP: f64 = 5.0;
/// Share of the speed at the rated power that counts as kept.
pub(super) const KEPT: f64 = 0.95;
/// A household circuit: its name, volts and amperes.
pub(super) const CIRCUITS: [(&str, f64, f64); 2] =
    [("us_120v_15a", 120.0, 15.0), ("eu_230v_16a", 230.0, 16.0)];

/// A machine at one limit.
pub(super) struct At {
    /// Watts that each card may draw.
    pub limit: f64,
    /// The estimate.
    pub estimate: Estimate,
    /// Output tokens a second of all users, the middle.
    pub decode: f64,
    /// Watts at the wall with every card at the limit.
    pub full: Option<Watts>,
    /// Watts that supply and circuit must bear then.
    pub peak: Option<Watts>,
    /// Whether the supply holds that; none where it is unknown.
    pub supply_holds: Option<bool>,
}

impl At {
    /// Output tokens for a joule at the wall.
    pub fn per_joule(&self) -> Option<f64> {
        Some(self.decode / self.estimate.watts?.0)
    }

    /// Whether a circuit bears it flat out; none where its watts are unknown.
    pub fn fits_circuit(&self, volts: f64, amperes: f64) -> Option<bool> {
        Some(self.peak?.0 <= circuit_limit(volts, amperes).0)
    }
}

/// The curve of a machine, with its remarkable points.
pub(super) struct Curve<'a> {
    /// What runs.
    pub candidate: &'a Candidate<'a>,
    /// All limits tried, lowest first; the last is the rated power.
    pub all: Vec<At>,
    /// Of those the one with most tokens a joule.
    pub sweet: usize,
    /// Of those the lowest that keeps the speed.
    pub keeps: usize,
}

impl Curve<'_> {
    /// The machine at its rated power.
    pub fn stock(&self) -> &At {
        &self.all[self.all.len() - 1]
    }

    /// The highest limit at which a circuit bears the machine flat out; none where it
    /// never does, or its watts are unknown.
    pub fn highest_on(&self, volts: f64, amperes: f64) -> Option<&At> {
        let holds = |at: &&At| at.fits_circuit(volts, amperes) == Some(true);
        self.all.iter().rev().find(holds)
    }
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown, the devices take no limit, the model does not run, or the answer
/// cannot be written.
pub fn run(session: &Session, arguments: &PowerArguments) -> Result<ExitCode> {
    let subject = subject(session, &arguments.model)?;
    let setup = setup(arguments);
    let mut shape = shape(&setup)?;
    shape.depth = arguments.depth;
    shape.prompt = arguments.prompt;
    shape.context = shape
        .context
        .max(shape.depth.max(shape.prompt) + shape.output);
    let (rate, rate_basis) = electricity(session, arguments.rate, &arguments.country)?;
    let (ready, _) = candidates(session, &subject, &setup)?;
    let Some(candidate) = ready.into_iter().next() else {
        bail!("no machine to answer for");
    };
    let constants = session.catalog.constants()?;
    let curve = curve(&candidate, &shape, constants)?;
    let device = &candidate.machine.device;
    let known = constants.evidence_limited(&device.id, &device.family, &candidate.model.id);

    let mut report = Session::report("power", &COLUMNS);
    report
        .assume("machine", candidate.machine.id.clone())
        .assume("model", subject.model.id.clone())
        .assume("quant", candidate.weights.quant.id.clone())
        .assume("engine", candidate.engine.id.clone())
        .assume("split", curve.stock().estimate.plan.split.name())
        .assume("depth_tokens", shape.depth)
        .assume("prompt_tokens", shape.prompt)
        .assume("context_tokens", shape.context)
        .assume("concurrency", shape.concurrency)
        .assume("usd_per_kwh", rate.0)
        .assume("usd_per_kwh_basis", rate_basis.clone())
        .assume("power_curve_evidence", known);
    assume_offload(&mut report, &arguments.run.offload);
    for index in shown(&curve) {
        report.row(row(&curve, index, rate));
    }
    report.member("summary", summary(&curve));
    headline(&mut report, &subject.title, &curve, rate);
    footnote(&mut report, &curve, &rate_basis, known);
    session.write(report)?;
    Ok(ExitCode::SUCCESS)
}

/// The set-up that the arguments state.
fn setup(arguments: &PowerArguments) -> SetupArguments {
    SetupArguments {
        machine: vec![arguments.machine.clone()],
        quant: arguments.quant.clone(),
        run: arguments.run.clone(),
        context: arguments.context,
        concurrency: arguments.concurrency.clone(),
        ubatch: None,
        kv_quant: "f16".to_owned(),
        split: arguments.split,
        power: PowerLimitArguments::default(),
        tuned: false,
    }
}

/// The estimates at all limits. All have the split of the machine at its rated power: the
/// curve is of one set-up.
fn curve<'a>(
    candidate: &'a Candidate<'a>,
    shape: &Shape,
    constants: &Constants,
) -> Result<Curve<'a>> {
    let machine = &candidate.machine;
    let rated = machine.device.power.limit.map_or(0.0, |watts| watts.0);
    // Refuses devices that take no limit, with the reason.
    machine.clone().with_power_limit(Watts(rated))?;
    let driver = machine
        .device
        .power
        .least_limit
        .map_or(0.0, |watts| watts.0);
    let lowest = (rated * LOWEST_SHARE).max(driver);
    let scenario = candidate.scenario(shape);
    let tuning = Tuning::of(&scenario.setting(), scenario.model, constants);
    let at = |limit: f64, split| {
        let mut limited = machine.clone();
        limited.power_limit = Some(Watts(limit)).filter(|limit| limit.0 < rated);
        let mut scenario = scenario;
        scenario.power_limit = limited.power_limit;
        scenario.split = split;
        let estimate = estimate_tuned(&scenario, constants, &tuning, &mut Trace::off());
        At {
            limit,
            decode: estimate.aggregate.map_or(0.0, |rate| rate.mid),
            full: limited.load_watts(),
            peak: limited.peak_watts(),
            supply_holds: limited.supply_holds(),
            estimate,
        }
    };
    let stock = at(rated, shape.split);
    if !stock.estimate.plan.lies_as_asked(shape.offload) || stock.decode <= 0.0 {
        bail!("{}", not_whole(candidate, &stock.estimate.plan));
    }
    let split = SplitChoice::Only(stock.estimate.plan.split);
    let first = (lowest / STEP).ceil() as u32;
    let end = (rated / STEP).ceil() as u32;
    let mut all: Vec<At> = (first..end)
        .map(|step| f64::from(step) * STEP)
        .map(|limit| at(limit, split))
        .collect();
    all.push(stock);
    let best = (0..all.len()).max_by(|a, b| {
        let joule = |index: &usize| all[*index].per_joule().unwrap_or(0.0);
        joule(a).total_cmp(&joule(b))
    });
    let least = KEPT * all[all.len() - 1].decode;
    let keeps = all.iter().position(|at| at.decode >= least);
    Ok(Curve {
        candidate,
        sweet: best.unwrap_or(0),
        keeps: keeps.unwrap_or(all.len() - 1),
        all,
    })
}

/// Why a model has no curve: it does not fit, or only with a part of it where nobody asked
/// for it.
fn not_whole(candidate: &Candidate<'_>, plan: &Plan) -> String {
    let model = format!("{} at {}", candidate.model.id, candidate.weights.quant.id);
    let machine = &candidate.machine.id;
    if plan.fits == Fits::Offload {
        let flags = remedy_words(&Remedy::MoreOnHost {
            gpu_layers: plan.host.gpu_layers(&candidate.model.architecture),
            expert_layers: plan.host.expert_layers,
        });
        format!(
            "{model} does not fit {machine} whole: its speed is the host memory's, not the cards'; {flags} draws the curve of that, `hwcmp fit` says what would make it fit"
        )
    } else {
        format!(
            "{model} does not fit {machine}; `hwcmp fit` says by how much, and what would make it fit"
        )
    }
}

/// The limits that are printed: evenly over the range, with the remarkable ones.
fn shown(curve: &Curve<'_>) -> Vec<usize> {
    let last = curve.all.len() - 1;
    let even = (0..ROWS).map(|row| last * row as usize / (ROWS as usize - 1));
    let mut indices: Vec<usize> = even.chain([curve.sweet, curve.keeps]).collect();
    indices.sort_unstable();
    indices.dedup();
    indices
}

fn row(curve: &Curve<'_>, index: usize, rate: UsdPerKilowattHour) -> Vec<Cell> {
    let at = &curve.all[index];
    let estimate = &at.estimate;
    let mut marks = Vec::new();
    if index == curve.sweet {
        marks.push("sweet spot");
    }
    if index == curve.keeps {
        marks.push("keeps 95%");
    }
    if index + 1 == curve.all.len() {
        marks.push("stock");
    }
    let circuits: Vec<&str> = CIRCUITS
        .iter()
        .filter(|(_, volts, amperes)| at.fits_circuit(*volts, *amperes) == Some(true))
        .map(|(name, _, _)| *name)
        .collect();
    let known = at.peak.is_some();
    let usd = at.per_joule().map(|tokens| rate.0 / tokens / 3.6);
    vec![
        Cell::from(at.limit),
        Cell::from(estimate.aggregate),
        Cell::from(at.decode / curve.stock().decode),
        Cell::from(estimate.prefill),
        Cell::from(estimate.watts),
        Cell::from(at.full),
        Cell::from(at.peak),
        Cell::from(at.per_joule()),
        Cell::from(usd),
        Cell::from(marks.join(", ")).role(Role::Strong),
        Cell::from(estimate.plan.split.name()),
        Cell::from(at.supply_holds),
        Cell::from(known.then(|| circuits.into_iter().map(Value::from).collect::<Vec<_>>())),
    ]
}

/// The answers for programs.
fn summary(curve: &Curve<'_>) -> Value {
    let machine = &curve.candidate.machine;
    let stock = curve.stock();
    let sweet = &curve.all[curve.sweet];
    let circuits = CIRCUITS.iter().map(|(name, volts, amperes)| {
        let highest = curve.highest_on(*volts, *amperes).map(|at| at.limit);
        Value::object([
            ("circuit", Value::from(*name)),
            (
                "continuous_watts",
                Value::from(circuit_limit(*volts, *amperes)),
            ),
            (
                "holds_at_stock",
                Value::from(stock.fits_circuit(*volts, *amperes)),
            ),
            ("highest_limit_watts", Value::from(highest)),
        ])
    });
    Value::object([
        ("stock_limit_watts", Value::from(stock.limit)),
        ("sweet_spot_watts", Value::from(sweet.limit)),
        (
            "sweet_spot_decode_share",
            Value::from(sweet.decode / stock.decode),
        ),
        (
            "sweet_spot_tokens_per_joule",
            Value::from(sweet.per_joule()),
        ),
        (
            "keeps_95_percent_watts",
            Value::from(curve.all[curve.keeps].limit),
        ),
        ("full_load_watts", Value::from(stock.full)),
        ("peak_watts", Value::from(stock.peak)),
        ("supply_watts", Value::from(machine.supply_rating())),
        ("supply_holds_at_stock", Value::from(stock.supply_holds)),
        ("circuits", Value::List(circuits.collect())),
        ("noise_dba", Value::Null),
    ])
}
