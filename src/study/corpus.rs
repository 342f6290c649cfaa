//! From series to observations: each usable point as terms and a time, each
//! other one with the reason why not.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Faults};
use crate::evidence::{Metric, Point, Series, Timing};
use crate::machine::{Backend, Device, Link};
use crate::model::StorageClass;
use crate::predict::{
    Batching, Engine, Exponents, Instance, LevelKind, Power, Setting, Terms, format_gain, joined,
    matrix_rate, row_kernels_on, vector_rate,
};
use crate::units::{Bytes, Date, FlopsPerSecond, Watts};

use super::group::Group;
use super::reading::{backend, builds, cache_types, die, link_of, micro_batch, plain};
use super::subject::{Subject, Subjects};
use super::work::{Bench, devices_of_copy, split_of_copy};

/// The day that ages count back from: the corpus was gathered then.
pub const REFERENCE: Date = Date::new(2026, 11, 1);

/// Constants that shape terms. Chosen from a few values each by the errors of the whole
/// corpus with each model left out, not by the fit. Of 0.3, 0.6, 1 and 3 the shape of experts'
/// popularity is that of the fewest errors in large batches (12, 10, 10, 12%); draws from
/// a pool of favourites that ends took them to 17%.
/// Tried and not kept, in batches: only the rows of an expert beyond its first, costs of
/// experts, layers and caches of their own, and an offset of each model.
pub const EXPONENTS: Exponents = Exponents {
    expert_popularity: 0.6,
    expert_batch_power: 0.24,
};

/// A point that can be predicted.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Number of the series in the corpus.
    pub series: usize,
    /// Number of the point in the series.
    pub point: usize,
    /// Its group.
    pub group: Group,
    /// The group that it would be in with all the power that it needs.
    pub full_power: Group,
    /// The sweep of limits whose other rows alone it compares with, see [`Series::sweep`].
    pub sweep: Option<String>,
    /// The row of the sweep that the others are compared with: the one with most power.
    pub reference: bool,
    /// Terms of the time.
    pub terms: Terms,
    /// Tokens that the rate counts (1 for a time to first token).
    pub tokens: f64,
    /// Measured seconds.
    pub seconds: f64,
    /// The value's rate times the seconds: tokens of all copies together.
    pub scale: f64,
    /// The architecture is assumed from a size.
    pub synthetic: bool,
    /// Levels of pooling with their covariates.
    pub levels: Vec<(LevelKind, String, f64)>,
    /// Device, engine, backend, model, quant: one vote.
    pub configuration: String,
    /// Device id.
    pub device: String,
    /// The die: `m4-pro` of `m4-pro-16`.
    pub die: String,
    /// The family of dies.
    pub family: String,
    /// Engine and backend.
    pub stack: String,
    /// How several devices of a copy work together (see [`joined`]).
    pub joined: Option<String>,
    /// Model id.
    pub model: String,
    /// Who measured.
    pub measurer: String,
    /// Routed experts.
    pub sparse: bool,
    /// Storage class.
    pub class: &'static str,
    /// Tokens in the cache.
    pub depth: f64,
    /// What was assumed to predict it.
    pub assumed: Vec<String>,
    /// Why it is not fitted; none for a good one.
    pub unfit: Option<String>,
}

/// The corpus.
#[derive(Debug)]
pub struct Corpus {
    /// The series as given.
    pub series: Vec<Series>,
    /// Predictable points.
    pub observations: Vec<Observation>,
    /// Series and point of the others, with the reason.
    pub unpredictable: Vec<(usize, usize, String)>,
}

impl Corpus {
    /// The observations of a catalogue's measurements, to learn from.
    ///
    /// # Errors
    /// If a table has faults.
    pub fn of(catalog: &Catalog, series: Vec<Series>) -> Result<Self, Faults> {
        Self::read(catalog, series, true)
    }

    /// The observations of outside rows, to be predicted as they are stated.
    ///
    /// # Errors
    /// If a table has faults.
    pub fn outside(catalog: &Catalog, series: Vec<Series>) -> Result<Self, Faults> {
        Self::read(catalog, series, false)
    }

    fn read(catalog: &Catalog, series: Vec<Series>, teach: bool) -> Result<Self, Faults> {
        catalog.models()?;
        let reader = Reader {
            devices: catalog.devices()?,
            engines: catalog.engines()?,
            links: catalog.links()?,
            subjects: Subjects::new(catalog),
            teach,
        };
        let mut corpus = Self {
            series,
            observations: Vec::new(),
            unpredictable: Vec::new(),
        };
        for (index, series) in corpus.series.iter().enumerate() {
            for (number, point) in series.points.iter().enumerate() {
                match reader.observe(series, point) {
                    Ok(observation) => {
                        corpus.observations.push(Observation {
                            series: index,
                            point: number,
                            ..observation
                        });
                    }
                    Err(reason) => corpus.unpredictable.push((index, number, reason)),
                }
            }
        }
        corpus.find_references();
        Ok(corpus)
    }

    /// Marks the row of each sweep that the others compare with.
    fn find_references(&mut self) {
        let mut most: BTreeMap<String, (f64, usize)> = BTreeMap::new();
        for (index, observation) in self.observations.iter().enumerate() {
            let Some(sweep) = &observation.sweep else {
                continue;
            };
            let limit = self.series[observation.series].power_limit_w;
            let limit = limit.unwrap_or(f64::INFINITY);
            let best = most.entry(sweep.clone()).or_insert((limit, index));
            if limit > best.0 {
                *best = (limit, index);
            }
        }
        for (_, index) in most.into_values() {
            self.observations[index].reference = true;
        }
    }
}

impl Corpus {
    /// The observations that teach.
    pub fn fit(&self) -> impl Iterator<Item = &Observation> {
        self.observations
            .iter()
            .filter(|observation| observation.unfit.is_none())
    }
}

struct Reader<'a> {
    devices: &'a BTreeMap<String, Device>,
    engines: &'a BTreeMap<String, Engine>,
    links: &'a BTreeMap<String, Link>,
    subjects: Subjects<'a>,
    teach: bool,
}

impl Reader<'_> {
    fn observe(&self, series: &Series, point: &Point) -> Result<Observation, String> {
        let device = self
            .device(series)
            .ok_or_else(|| format!("the device `{}` is not in the catalogue", series.device))?;
        let bandwidth = device
            .bandwidth
            .ok_or_else(|| format!("no bandwidth known of {}", device.id))?;
        let subject = self.subjects.find(series)?;
        let backend = backend(series, device);
        let class = subject.weights.quant.class;
        let compute = matrix_rate(&device.rates, &series.engine, backend, class)
            .unwrap_or(FlopsPerSecond(bandwidth.0 * 20.0));
        let vector = vector_rate(&device.rates, &series.engine, backend, compute);
        let mut assumed = subject.assumed.clone();
        let (key_type, value_type) = cache_types(series.kv_type.as_deref(), &mut assumed);
        let engine = self.engines.get(&series.engine);
        let link = (series.devices > 1)
            .then(|| link_of(series, device, self.links, &mut assumed))
            .flatten();
        let bench = Bench {
            series,
            device,
            instance: Instance {
                architecture: &subject.architecture,
                weights: &subject.weights,
                bandwidth,
                compute,
                vector,
                format_gain: gain_of(series, device, backend, class),
                kernels: row_kernels_on(&series.engine, backend, class, series.citation.date),
                devices: devices_of_copy(series),
                split: split_of_copy(series),
                link,
                batching: engine.map_or(Batching::Continuous, |engine| engine.batching),
                ubatch: micro_batch(series, engine, device),
                key_type,
                value_type,
                host: None,
                power: power(series, device),
                exponents: EXPONENTS,
            },
            teach: self.teach,
        };
        let joined = joined(
            bench.instance.split,
            bench.instance.devices,
            link.map(|link| link.id.as_str()),
        );
        let work = bench.work(point);
        let stack = format!("{}/{}", series.engine, backend.name());
        let setting = Setting {
            no_flash: series.flash_attention == Some(false),
            builds: &builds(series),
            compute,
            bandwidth,
            link: link.map(|link| link.id.as_str()),
            years: series.citation.date.years_until(REFERENCE).max(0.0),
            ..Setting::of_device(device, &series.engine, backend, class, &subject.model)
                .of_architecture(&subject.architecture)
        };
        let sweep = series.sweep();
        let mut levels = setting.levels();
        levels.extend(measurers_levels(series, sweep.as_deref()));
        assumed.extend(work.assumed);
        Ok(Observation {
            series: 0,
            point: 0,
            group: Group::of(series, point.batch, work.terms.is_limited()),
            full_power: Group::at_full_power(series, point.batch),
            sweep,
            reference: false,
            unfit: unfit(series, point, &subject, device),
            configuration: format!(
                "{} {stack} {} {}",
                device.id, subject.model, subject.weights.quant.id
            ),
            terms: work.terms,
            tokens: work.tokens,
            seconds: work.seconds,
            scale: scale(series, point, work.seconds),
            synthetic: subject.synthetic,
            levels,
            die: die(&device.id).to_owned(),
            device: device.id.clone(),
            family: device.family.clone(),
            stack,
            joined,
            sparse: subject.architecture.experts().is_some(),
            model: subject.model,
            measurer: series.measured_by.clone(),
            class: class.name(),
            depth: work.depth,
            assumed,
        })
    }

    /// The device of a series: by id, by alias, or the one whose name the
    /// source's own words contain.
    fn device(&self, series: &Series) -> Option<&Device> {
        let id = series.device.as_str();
        let named =
            |device: &&Device| device.id == id || device.aliases.iter().any(|alias| alias == id);
        self.devices.values().find(named).or_else(|| {
            let words = plain(&format!("{id} {}", series.machine.as_deref().unwrap_or("")));
            self.devices
                .values()
                .filter_map(|device| {
                    let all = std::iter::once(&device.id).chain(&device.aliases);
                    let lengths = all.map(|name| plain(name)).filter_map(|name| {
                        (name.len() > 3 && words.contains(name.as_str())).then_some(name.len())
                    });
                    Some((lengths.max()?, device))
                })
                .max_by_key(|(length, _)| *length)
                .map(|(_, device)| device)
        })
    }
}

/// The levels of whoever measured: no property of what was measured.
fn measurers_levels(
    series: &Series,
    sweep: Option<&str>,
) -> impl Iterator<Item = (LevelKind, String, f64)> {
    let measurer = format!("measurer {}", series.measured_by);
    let sweep = sweep.map(|sweep| (LevelKind::Sweep, sweep.to_owned(), 1.0));
    std::iter::once((LevelKind::Measurer, measurer, 1.0)).chain(sweep)
}

/// What a rate times the seconds is: the tokens of all copies together; one for a time.
fn scale(series: &Series, point: &Point, seconds: f64) -> f64 {
    if series.metric == Metric::Ttft {
        1.0
    } else {
        point.value * seconds
    }
}

/// The gain of the weights' own format; none in Marlin, which unpacks them to 16 bits.
fn gain_of(series: &Series, device: &Device, backend: Backend, class: StorageClass) -> f64 {
    if series.linear_backend.as_deref() == Some("marlin") {
        1.0
    } else {
        format_gain(device, &series.engine, backend, class)
    }
}

/// The power of each device of a series.
fn power(series: &Series, device: &Device) -> Power {
    Power {
        rated: device.power.limit,
        limit: series.power_limit_w.map(Watts),
    }
}

/// Generated tokens beside which a short prompt of unknown length takes next to nothing.
const LONG_ENOUGH: u32 = 200;

/// Whether a wall rate says enough about its run: both lengths, or an answer so long that
/// the prompt hardly counts (64 or 512 tokens of prompt before 300 generated change the
/// time by at most a twentieth).
fn lengths_suffice(point: &Point) -> bool {
    point
        .generated
        .is_some_and(|generated| point.prompt.is_some() || generated >= LONG_ENOUGH)
}

/// Why a point that can be predicted must not teach.
fn unfit(series: &Series, point: &Point, subject: &Subject, device: &Device) -> Option<String> {
    let spills = device.memory.as_ref().is_some_and(|memory| {
        subject.weights.loaded_bytes() > Bytes(memory.total.0 * u64::from(series.devices))
    });
    if let Some(reason) = &series.excluded {
        return Some(reason.clone());
    }
    let reason = match () {
        // A prompt is read without drafting.
        () if series.speculative && series.metric != Metric::Prefill => "speculative decoding",
        () if subject.synthetic => "architecture not in the catalogue",
        () if series.quant.is_none() && !series.relative => "quant not stated",
        () if spills => "weights larger than the device's memory: partly in host memory",
        () if series.timing == Some(Timing::Wall)
            && series.metric == Metric::Decode
            && point.itl_p50_ms.is_none()
            && !lengths_suffice(point) =>
        {
            "wall rate without the run's lengths"
        }
        () if series.metric == Metric::Prefill && point.batch > 1 => "several prompts together",
        () if series.metric != Metric::Decode
            && series.metric != Metric::Aggregate
            && point.prompt.is_none()
            && !series.local_score =>
        {
            "prompt's length not stated"
        }
        () => return None,
    };
    Some(reason.to_owned())
}
