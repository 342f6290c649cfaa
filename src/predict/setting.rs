//! What picks the coefficients: a setting and the levels of pooling it lies on.

use crate::machine::{Backend, Device};
use crate::model::{Architecture, StorageClass};
use crate::units::{BytesPerSecond, FlopsPerSecond};

use super::rates::matrix_rate;

/// One level of pooling: a row that lies on it takes its offset.
pub type Level = String;

/// Kinds of levels: what their offset is shared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelKind {
    /// Everything.
    All,
    /// A backend.
    Backend,
    /// An engine with its backend.
    Engine,
    /// A maker of devices.
    Vendor,
    /// A die family, whatever runs on it.
    Die,
    /// A device, whatever runs on it.
    Card,
    /// A die family in an engine.
    Family,
    /// A device in an engine.
    Device,
    /// A storage class.
    Class,
    /// A storage class in an engine.
    ClassEngine,
    /// A storage class on a die family.
    ClassFamily,
    /// A storage class on a device.
    ClassDevice,
    /// Years before the reference date (a slope, not an offset).
    Age,
    /// The same in one engine: they age at their own pace.
    AgeEngine,
    /// The same on one die family in an engine: new dies catch up fastest.
    AgeFamily,
    /// The logarithm of the device's matrix rate over 50 TFLOPS (a slope).
    ComputeScale,
    /// The logarithm of its bandwidth over 500 GB/s (a slope).
    BandwidthScale,
    /// Flash attention switched off.
    NoFlash,
    /// Flash attention on or off in a build.
    FlashBuild,
    /// A model.
    Model,
    /// A model in an engine.
    ModelEngine,
    /// A model on a device in an engine.
    ModelDevice,
    /// An architecture.
    Architecture,
    /// Mixtures of experts: most of their step is waiting.
    Experts,
    /// The link between devices.
    Link,
    /// A build or driver of an engine that is not its usual one.
    Build,
    /// A storage class in such a build.
    ClassBuild,
    /// Who measured: estimated, and left out of every prediction.
    Measurer,
    /// A sweep whose rates compare only with each other, likewise.
    Sweep,
}

impl LevelKind {
    /// Whether its offset is the measurer's own, no property of what was measured.
    pub const fn is_measurers(self) -> bool {
        matches!(self, Self::Measurer | Self::Sweep)
    }
}

/// What picks the coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting<'a> {
    /// Device id.
    pub device: &'a str,
    /// Its die family.
    pub family: &'a str,
    /// Engine id.
    pub engine: &'a str,
    /// What the engine runs through.
    pub backend: Backend,
    /// The storage class of the weights.
    pub class: &'a str,
    /// Model id.
    pub model: &'a str,
    /// Name of the model's architecture; empty where there is none.
    pub architecture: &'a str,
    /// Flash attention is known to be off.
    pub no_flash: bool,
    /// What sets a build or driver apart from the usual one.
    pub builds: &'a [&'a str],
    /// Id of the link between the devices.
    pub link: Option<&'a str>,
    /// Matrix rate of the device: large ones are harder to fill.
    pub compute: FlopsPerSecond,
    /// Its bandwidth, likewise.
    pub bandwidth: BytesPerSecond,
    /// The model is a mixture of experts.
    pub sparse: bool,
    /// Years before the reference date: engines get faster. Zero for a forecast.
    pub years: f64,
}

impl<'a> Setting<'a> {
    /// A forecast on one device: a dense model of no architecture, no link, today's engine.
    pub fn of_device(
        device: &'a Device,
        engine: &'a str,
        backend: Backend,
        class: StorageClass,
        model: &'a str,
    ) -> Self {
        let compute = matrix_rate(&device.rates, engine, backend, class);
        Self {
            device: &device.id,
            family: &device.family,
            engine,
            backend,
            class: class.name(),
            model,
            architecture: "",
            no_flash: false,
            builds: &[],
            compute: compute.unwrap_or(FlopsPerSecond(0.0)),
            bandwidth: device.bandwidth.unwrap_or(BytesPerSecond(0.0)),
            sparse: false,
            link: None,
            years: 0.0,
        }
    }
}

impl<'a> Setting<'a> {
    /// The same for a model of that architecture.
    #[must_use]
    pub fn of_architecture(self, architecture: &'a Architecture) -> Self {
        Self {
            architecture: architecture.family.name(),
            sparse: architecture.experts().is_some(),
            ..self
        }
    }
}

impl Setting<'_> {
    /// The levels it lies on with the covariate of each (one, but for age).
    pub fn levels(&self) -> Vec<(LevelKind, Level, f64)> {
        use LevelKind as K;
        let Self {
            device,
            family,
            engine,
            class,
            model,
            ..
        } = self;
        let backend = self.backend.name();
        let stack = format!("{engine}/{backend}");
        let mut levels = vec![
            (K::All, "all".to_owned(), 1.0),
            (K::Backend, format!("backend {backend}"), 1.0),
            (K::Vendor, format!("vendor {}", vendor(family)), 1.0),
            (K::Die, format!("family {family}"), 1.0),
            (K::Card, format!("device {device}"), 1.0),
            (K::Family, format!("family {family} {stack}"), 1.0),
            (K::Device, format!("device {device} {stack}"), 1.0),
            (K::Class, format!("class {class}"), 1.0),
            (K::ClassEngine, format!("class {class} {stack}"), 1.0),
            (K::ClassFamily, format!("class {class} {family}"), 1.0),
            (K::ClassDevice, format!("class {class} {device}"), 1.0),
            (K::Model, format!("model {model}"), 1.0),
            (K::ModelEngine, format!("model {model} {stack}"), 1.0),
            (
                K::ModelDevice,
                format!("model {model} {device} {stack}"),
                1.0,
            ),
            (K::Engine, format!("engine {stack}"), 1.0),
        ];
        if !self.architecture.is_empty() {
            let level = format!("architecture {}", self.architecture);
            levels.push((K::Architecture, level, 1.0));
        }
        let scale = |value: f64, unit: f64| (value / unit).max(1e-3).ln();
        levels.push((
            K::ComputeScale,
            "compute scale".to_owned(),
            scale(self.compute.tera(), 50.0),
        ));
        levels.push((
            K::BandwidthScale,
            "bandwidth scale".to_owned(),
            scale(self.bandwidth.gb(), 500.0),
        ));
        if self.years != 0.0 {
            levels.push((K::Age, "age".to_owned(), self.years));
            levels.push((K::AgeEngine, format!("age {stack}"), self.years));
            let family = format!("age {family} {stack}");
            levels.push((K::AgeFamily, family, self.years));
        }
        if self.sparse {
            levels.push((K::Experts, "experts".to_owned(), 1.0));
        }
        if self.no_flash {
            levels.push((K::NoFlash, "no flash attention".to_owned(), 1.0));
        }
        for build in self.builds {
            levels.push((K::Build, format!("build {build}"), 1.0));
            levels.push((K::ClassBuild, format!("class {class} build {build}"), 1.0));
            let flash = if self.no_flash { "off" } else { "on" };
            levels.push((K::FlashBuild, format!("flash {flash} build {build}"), 1.0));
        }
        if let Some(link) = self.link {
            levels.push((K::Link, format!("link {link}"), 1.0));
        }
        levels
    }
}

/// The maker of a die family.
fn vendor(family: &str) -> &'static str {
    match family {
        name if name.starts_with("apple") => "apple",
        name if name.starts_with("rdna") || name.starts_with("cdna") => "amd",
        name if name.starts_with("xe") => "intel",
        _ => "nvidia",
    }
}
