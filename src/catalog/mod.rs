//! The catalogue: data files become validated values.
//!
//! The built-in tables are embedded; a user's overlay adds to or replaces
//! their rows by id. A table is read when it is first asked for, and every
//! fault in it is told at once.

mod basket;
mod calibration;
mod candidate;
mod citation;
pub mod claims;
mod cloud;
mod devices;
mod document;
mod engines;
mod fault;
mod load;
mod lookup;
mod machines;
mod measured;
mod models;
mod parts;
mod prices;
mod quality;
mod quants;
mod read;
mod select;
mod select_machine;
pub mod speculation;
mod speculation_pairs;
mod table;
mod workloads;
mod written;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use crate::machine::{Device, Host, Link, Machine, PriceBook};
use crate::predict::{Constants, Engine};
use crate::units::Date;
use crate::workload::Workload;

pub use basket::{Placed, Setup};
pub use candidate::{Candidate, Shape};
pub use claims::{Claim, ClaimSource, Finding};
pub use cloud::{Cloud, Offer, Offering};
use document::SourceFile;
pub use fault::{Fault, Faults};
pub use lookup::{Unknown, nearest};
pub use models::Model;
pub use prices::Tariff;
pub use quality::{Score, UNIFORM_SCALE, uniform_score};
pub use quants::{QuantInfo, RealFile};
pub use select::{ModelChoice, QuantChoice, SelectError};
pub use select_machine::rig_id;
pub use speculation::{Acceptance, Drafter, EagleHead, Method, Work};
pub use speculation_pairs::{Pair, Pairs};
pub use table::TableKind;
pub use written::{Plain, Written};

type Table<T> = OnceLock<Result<BTreeMap<String, T>, Faults>>;

/// All data, read as needed.
#[derive(Debug)]
pub struct Catalog {
    overlay: Vec<SourceFile>,
    today: Date,
    devices: Table<Device>,
    links: Table<Link>,
    hosts: Table<Host>,
    machines: Table<Machine>,
    models: Table<Model>,
    engines: Table<Engine>,
    workloads: Table<Workload>,
    tariffs: Table<Tariff>,
    quality: Table<Vec<Score>>,
    quants: Table<QuantInfo>,
    real_files: Table<BTreeMap<String, RealFile>>,
    methods: Table<Method>,
    pairs: OnceLock<Result<Vec<Pairs>, Faults>>,
    claims: Table<Claim>,
    claim_sources: Table<ClaimSource>,
    prices: OnceLock<Result<PriceBook, Faults>>,
    cloud: OnceLock<Result<Cloud, Faults>>,
    constants: OnceLock<Result<Constants, Faults>>,
}

/// The day of the newest source in the built-in data.
pub const DATA_DATE: Date = Date::new(2026, 11, 21);

impl Catalog {
    /// The built-in data and an overlay folder; `today` bounds the dates that
    /// sources may have.
    ///
    /// # Errors
    /// If the overlay cannot be read.
    pub fn open(overlay: Option<&Path>, today: Date) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let files = overlay
            .map(|folder| table::overlay(folder, &mut faults))
            .unwrap_or_default();
        if faults.is_empty() {
            Ok(Self::with_overlay(files, today))
        } else {
            Err(Faults(faults))
        }
    }

    fn with_overlay(overlay: Vec<SourceFile>, today: Date) -> Self {
        Self {
            overlay,
            today,
            devices: OnceLock::new(),
            links: OnceLock::new(),
            hosts: OnceLock::new(),
            machines: OnceLock::new(),
            models: OnceLock::new(),
            engines: OnceLock::new(),
            workloads: OnceLock::new(),
            tariffs: OnceLock::new(),
            quality: OnceLock::new(),
            quants: OnceLock::new(),
            real_files: OnceLock::new(),
            methods: OnceLock::new(),
            pairs: OnceLock::new(),
            claims: OnceLock::new(),
            claim_sources: OnceLock::new(),
            prices: OnceLock::new(),
            cloud: OnceLock::new(),
            constants: OnceLock::new(),
        }
    }

    /// The day that bounds the dates of sources, also the default day of prices.
    pub const fn today(&self) -> Date {
        self.today
    }

    /// Accelerators by id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn devices(&self) -> Result<&BTreeMap<String, Device>, Faults> {
        settled(self.devices.get_or_init(|| {
            self.load(TableKind::Devices, |row, faults| {
                Some(devices::device(row, self.rules(), faults))
            })
        }))
    }

    /// Links by id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn links(&self) -> Result<&BTreeMap<String, Link>, Faults> {
        settled(self.links.get_or_init(|| {
            self.load(TableKind::Links, |row, faults| {
                Some(machines::link(row, self.rules(), faults))
            })
        }))
    }

    /// Hosts by id.
    ///
    /// # Errors
    /// If the table, or the links, have faults.
    pub fn hosts(&self) -> Result<&BTreeMap<String, Host>, Faults> {
        settled(self.hosts.get_or_init(|| {
            let links = self.links()?;
            self.load(TableKind::Hosts, |row, faults| {
                Some(machines::host(row, links, self.rules(), faults))
            })
        }))
    }

    /// Machines by id.
    ///
    /// # Errors
    /// If the table, or what it refers to, has faults.
    pub fn machines(&self) -> Result<&BTreeMap<String, Machine>, Faults> {
        settled(self.machines.get_or_init(|| {
            let parts = machines::MachineParts {
                devices: self.devices()?,
                hosts: self.hosts()?,
                links: self.links()?,
            };
            self.load(TableKind::Machines, |row, faults| {
                machines::machine(row, parts, self.rules(), faults)
            })
        }))
    }

    /// Models by id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn models(&self) -> Result<&BTreeMap<String, Model>, Faults> {
        settled(self.models.get_or_init(|| {
            self.load(TableKind::Models, |row, faults| {
                models::model(row, self.rules(), faults)
            })
        }))
    }

    /// Engines by id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn engines(&self) -> Result<&BTreeMap<String, Engine>, Faults> {
        settled(self.engines.get_or_init(|| {
            self.load(TableKind::Engines, |row, faults| {
                Some(engines::engine(row, self.rules(), faults))
            })
        }))
    }

    /// Workloads by id. Their baskets name models of the catalogue.
    ///
    /// # Errors
    /// If the table, or the models, have faults.
    pub fn workloads(&self) -> Result<&BTreeMap<String, Workload>, Faults> {
        settled(self.workloads.get_or_init(|| {
            let models = self.models()?;
            self.load(TableKind::Workloads, |row, faults| {
                let place = row.place.clone();
                let workload = workloads::workload(row, self.rules(), faults);
                for (index, item) in workload.basket.iter().enumerate() {
                    if !models.contains_key(&item.model) {
                        let near = nearest(&item.model, models.keys().map(String::as_str));
                        let action = near.map_or_else(
                            || "name a model of `hwcmp list models`".to_owned(),
                            |near| format!("did you mean `{near}`?"),
                        );
                        faults.push(place.fault(
                            &format!("basket.{index}.model"),
                            format!("there is no model `{}`", item.model),
                            action,
                        ));
                    }
                }
                Some(workload)
            })
        }))
    }

    /// Electricity prices by id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn tariffs(&self) -> Result<&BTreeMap<String, Tariff>, Faults> {
        settled(self.tariffs.get_or_init(|| {
            self.load(TableKind::Energy, |row, faults| {
                Some(prices::tariff(row, self.rules(), faults))
            })
        }))
    }

    /// Scores by model id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn quality(&self) -> Result<&BTreeMap<String, Vec<Score>>, Faults> {
        settled(self.quality.get_or_init(|| {
            self.load(TableKind::Quality, |row, faults| {
                Some(quality::scores(row, self.rules(), faults).1)
            })
        }))
    }

    /// What is said of quants, by id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn quants(&self) -> Result<&BTreeMap<String, QuantInfo>, Faults> {
        settled(self.quants.get_or_init(|| {
            self.load(TableKind::Quants, |row, faults| {
                quants::quant_info(row, self.rules(), faults)
            })
        }))
    }

    /// Published sizes of files, by model and quant id.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn real_files(&self) -> Result<&BTreeMap<String, BTreeMap<String, RealFile>>, Faults> {
        settled(self.real_files.get_or_init(|| {
            self.load(TableKind::RealFiles, |row, faults| {
                Some(quants::real_files(row, self.rules(), faults))
            })
        }))
    }

    /// The book of quotes. A user's quotes add to the built-in ones.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn prices(&self) -> Result<&PriceBook, Faults> {
        settled(
            self.prices
                .get_or_init(|| self.load_lists(TableKind::Prices, prices::price_book)),
        )
    }

    /// What the same work costs elsewhere. A user's offers add to the built-in ones.
    ///
    /// # Errors
    /// If the table has faults.
    pub fn cloud(&self) -> Result<&Cloud, Faults> {
        settled(
            self.cloud
                .get_or_init(|| self.load_lists(TableKind::Cloud, cloud::cloud)),
        )
    }

    /// Sets other constants than the file's, as after a user's own measurements, or the
    /// faults of those; of no effect once the constants were asked for.
    pub fn settle_constants(&self, constants: Result<Constants, Faults>) {
        // The first answer stays: commands must not change their minds midway.
        let _ = self.constants.set(constants);
    }

    /// The fitted constants.
    ///
    /// # Errors
    /// If the file has faults.
    pub fn constants(&self) -> Result<&Constants, Faults> {
        settled(self.constants.get_or_init(|| self.shipped_constants()))
    }

    /// The constants as the file has them, whatever a user measured.
    ///
    /// # Errors
    /// If the file has faults.
    pub fn shipped_constants(&self) -> Result<Constants, Faults> {
        let mut faults = Vec::new();
        let files = self.files(TableKind::Calibration);
        let constants = files
            .last()
            .and_then(|file| calibration::constants(file, &mut faults));
        match constants {
            Some(constants) if faults.is_empty() => Ok(constants),
            _ => Err(Faults(faults)),
        }
    }
}

/// A table, or its faults.
fn settled<T>(result: &Result<T, Faults>) -> Result<&T, Faults> {
    result.as_ref().map_err(Clone::clone)
}
