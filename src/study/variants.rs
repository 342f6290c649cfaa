//! The ways to run a model on a device: engine, quant, weights and what the constants say of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::frontier::Query;
use crate::catalog::{Catalog, Faults, SelectError};
use crate::evidence::Evidence;
use crate::machine::{Backend, Machine};
use crate::model::{Quant, StorageClass, Weights};
use crate::predict::{Engine, Setting, Tuning};

/// One way to run the model on a device.
pub(super) struct Variant<'a> {
    pub(super) engine: &'a Engine,
    pub(super) backend: Backend,
    pub(super) weights: Arc<Weights>,
    pub(super) tuning: Tuning,
    /// The engine is the usual one there, or was measured on the device or its family.
    pub(super) proven: bool,
}

/// Machines of one key run the same engines, quants and backends.
pub(super) fn variant_key(machine: &Machine) -> (&str, Option<&str>) {
    (&machine.device.id, machine.usual_engine.as_deref())
}

/// The weights of each quant that is looked at.
pub(super) fn weights(
    catalog: &Catalog,
    query: &Query<'_>,
) -> Result<BTreeMap<String, Arc<Weights>>, Faults> {
    let model = query.model;
    let files = catalog.real_files()?;
    let published = |quant: &Quant| {
        std::iter::once(&model.id)
            .chain(model.table.same_as.as_ref())
            .any(|id| {
                files
                    .get(id)
                    .is_some_and(|known| known.contains_key(&quant.id))
            })
    };
    // A model released in four bits gains nothing from another four.
    let native = model.table.native_four_bits();
    let asked = |quant: &Quant| match query.quant {
        Some(only) => quant.id == only.id,
        None if native.as_ref().is_some_and(|native| !native.is_bespoke()) => {
            native.as_ref() == Some(quant)
        }
        None =>
        // Ternary files are for models that were trained so.
        {
            !quant.id.starts_with("tq")
                && (!quant.is_bespoke() || native.as_ref() == Some(quant))
                && nominal_bits(quant) >= query.least_bits
                && (quant.has_recipe() || published(quant))
        }
    };
    let mut quants: Vec<Quant> = Quant::all().into_iter().filter(asked).collect();
    quants.extend(query.quant.filter(|_| quants.is_empty()).cloned());
    let mut stored = BTreeMap::new();
    for quant in quants {
        for kind in quant.packagings() {
            if let Some(packaged) = quant.packaged(*kind) {
                let key = format!("{} {}", packaged.id, kind.name());
                stored.insert(key, packaged);
            }
        }
    }
    Ok(stored
        .into_par_iter()
        .filter_map(|(key, quant)| {
            // Some quants are for models with experts only.
            let weights = catalog.weights(model, &quant).ok()?;
            Some((key, Arc::new(weights)))
        })
        .collect())
}

/// Bits of a weight without its scales: `q4_k_m` and `mxfp4` are 4.
pub fn nominal_bits(quant: &Quant) -> f64 {
    quant.bits_per_weight().floor()
}

/// The ways to run the model on a machine's device, those of the engine that its users
/// run first, and of an engine the usual quant first: the first of equals stays.
pub(super) fn ways<'a>(
    catalog: &'a Catalog,
    query: &Query<'_>,
    machine: &Machine,
    weights: &BTreeMap<String, Arc<Weights>>,
) -> Result<Vec<Variant<'a>>, SelectError> {
    let constants = catalog.constants()?;
    let usual = match catalog.engine_for(machine, query.engine, None) {
        Ok((engine, _)) => engine.id.as_str(),
        Err(SelectError::Unsupported(_)) => "",
        Err(error) => return Err(error),
    };
    let asked = |engine: &Engine| query.engine.is_none() || engine.id == usual;
    let mut ways = Vec::new();
    for engine in catalog.engines()?.values().filter(|engine| asked(engine)) {
        let Some(backend) = engine.backend_on(&machine.device.backends) else {
            continue;
        };
        let loads = |key: &str| {
            let mut kinds = engine.packagings.iter();
            kinds.any(|kind| key.ends_with(&format!(" {}", kind.name())))
        };
        // NVFP4 without matrix units for it is unpacked to 16 bits: other four bits serve as well.
        let fits = |weights: &Weights| {
            weights.quant.class != StorageClass::Nvfp4
                || query.quant.is_some()
                || machine
                    .device
                    .native_formats
                    .iter()
                    .any(|format| format == "nvfp4")
        };
        let loaded = weights.iter().filter(|(key, _)| loads(key));
        for (_, weights) in loaded.filter(|(_, weights)| fits(weights)) {
            let class = weights.quant.class;
            let model = query.model;
            let setting =
                Setting::of_device(&machine.device, &engine.id, backend, class, &model.id)
                    .of_architecture(&model.architecture);
            let tuning = Tuning::of(&setting, &query.model.id, constants);
            ways.push(Variant {
                proven: engine.id == usual || tuning.evidence < Evidence::Spec,
                engine,
                backend,
                weights: Arc::clone(weights),
                tuning,
            });
        }
    }
    ways.sort_by_key(|way| {
        let id = &way.weights.quant.id;
        let known = *id == way.engine.usual_q4 || *id == way.engine.usual_q8;
        (way.engine.id != usual, !known)
    });
    Ok(ways)
}
