//! Reading tables: the built-in files, then the overlay's, and all faults at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::document::{Row, Rules, SourceFile, lists, rows};
use super::fault::{Fault, Faults};
use super::table::{self, TableKind};
use super::{Catalog, measured};
use crate::evidence::Series;
use crate::units::Date;

impl Catalog {
    /// Reads every table of the built-in data, of an overlay, or of one file
    /// laid over the built-in data, and tells all faults.
    ///
    /// # Errors
    /// If there is any fault.
    pub fn check(
        files: &[PathBuf],
        overlay: Option<&Path>,
        today: Date,
    ) -> Result<Vec<(TableKind, usize)>, Faults> {
        let mut faults = Vec::new();
        let mut extra = overlay
            .map(|folder| table::overlay(folder, &mut faults))
            .unwrap_or_default();
        for file in files {
            if file.is_dir() {
                extra.extend(table::overlay(file, &mut faults));
            } else {
                extra.extend(table::read_file(file, &mut faults));
            }
        }
        let catalog = Self::with_overlay(extra, today);
        let counts = catalog.load_all(&mut faults);
        faults.dedup();
        if faults.is_empty() {
            Ok(counts)
        } else {
            Err(Faults(faults))
        }
    }

    fn load_all(&self, faults: &mut Vec<Fault>) -> Vec<(TableKind, usize)> {
        let mut counts = Vec::new();
        let mut count = |kind, result: Result<usize, Faults>| match result {
            Ok(number) => counts.push((kind, number)),
            Err(Faults(list)) => {
                for fault in list {
                    if !faults.contains(&fault) {
                        faults.push(fault);
                    }
                }
            }
        };
        count(TableKind::Devices, self.devices().map(BTreeMap::len));
        count(TableKind::Links, self.links().map(BTreeMap::len));
        count(TableKind::Hosts, self.hosts().map(BTreeMap::len));
        count(TableKind::Machines, self.machines().map(BTreeMap::len));
        count(TableKind::Models, self.models().map(BTreeMap::len));
        count(TableKind::Engines, self.engines().map(BTreeMap::len));
        count(TableKind::Workloads, self.workloads().map(BTreeMap::len));
        count(TableKind::Energy, self.tariffs().map(BTreeMap::len));
        count(TableKind::Quality, self.quality().map(BTreeMap::len));
        count(TableKind::Quants, self.quants().map(BTreeMap::len));
        count(TableKind::RealFiles, self.real_files().map(BTreeMap::len));
        count(
            TableKind::Prices,
            self.prices().map(|book| book.items().count()),
        );
        count(
            TableKind::Cloud,
            self.cloud().map(|cloud| cloud.items().count()),
        );
        count(
            TableKind::Calibration,
            self.constants().map(|constants| constants.support.len()),
        );
        count(
            TableKind::Speculation,
            self.speculation().map(BTreeMap::len),
        );
        count(
            TableKind::SpeculationPairs,
            self.speculation_pairs().map(Vec::len),
        );
        count(
            TableKind::ClaimSources,
            self.claim_sources().map(BTreeMap::len),
        );
        count(TableKind::Claims, self.claims().map(BTreeMap::len));
        count(
            TableKind::Measured,
            self.all_series().map(|series| series.len()),
        );
        counts
    }

    pub(super) fn rules(&self) -> Rules {
        Rules {
            today: self.today,
            refuse_negative: true,
        }
    }

    /// The built-in and overlaid files of a table, built-in first.
    pub(super) fn files(&self, kind: TableKind) -> Vec<SourceFile> {
        let mut files = table::builtin(kind);
        files.extend(
            self.overlay
                .iter()
                .filter(|file| file.kind == kind)
                .cloned(),
        );
        files
    }

    /// Reads a table of rows into values by id; later files replace earlier rows.
    pub(super) fn load<R, T>(
        &self,
        kind: TableKind,
        convert: impl Fn(Row<'_, R>, &mut Vec<Fault>) -> Option<T>,
    ) -> Result<BTreeMap<String, T>, Faults>
    where
        R: DeserializeOwned,
    {
        let mut faults = Vec::new();
        let mut table = BTreeMap::new();
        let mut builtin_ids = BTreeSet::new();
        for file in self.files(kind) {
            for row in rows::<R>(&file, self.rules(), &mut faults) {
                let id = row.id.clone();
                if file.builtin && !builtin_ids.insert(id.clone()) {
                    faults.push(row.place.fault(
                        "",
                        format!("`{id}` is in the data twice"),
                        "keep one of them",
                    ));
                }
                if let Some(value) = convert(row, &mut faults) {
                    table.insert(id, value);
                }
            }
        }
        if faults.is_empty() {
            Ok(table)
        } else {
            Err(Faults(faults))
        }
    }

    /// Reads a table of lists into one value; a user's entries add to the built-in ones.
    pub(super) fn load_lists<R, T>(
        &self,
        kind: TableKind,
        convert: impl Fn(Vec<Row<'_, R>>, Rules, &mut Vec<Fault>) -> T,
    ) -> Result<T, Faults>
    where
        R: DeserializeOwned,
    {
        let mut faults = Vec::new();
        let files = self.files(kind);
        let rows = files
            .iter()
            .flat_map(|file| lists(file, self.rules(), &mut faults))
            .collect();
        let value = convert(rows, self.rules(), &mut faults);
        if faults.is_empty() {
            Ok(value)
        } else {
            Err(Faults(faults))
        }
    }

    /// All measured series, the built-in ones by device and then the overlay's.
    ///
    /// # Errors
    /// If a file has faults.
    pub fn all_series(&self) -> Result<Vec<Series>, Faults> {
        self.series_of(&self.files(TableKind::Measured))
    }

    /// The measured series of the overlay alone.
    ///
    /// # Errors
    /// If a file has faults.
    pub fn own_series(&self) -> Result<Vec<Series>, Faults> {
        let own = self.overlay.iter();
        let files: Vec<SourceFile> = own
            .filter(|file| file.kind == TableKind::Measured)
            .cloned()
            .collect();
        self.series_of(&files)
    }

    /// The measured series of one device.
    ///
    /// # Errors
    /// If a file has faults.
    pub fn series(&self, device: &str) -> Result<Vec<Series>, Faults> {
        let mut files: Vec<SourceFile> = table::builtin_file(TableKind::Measured, device)
            .into_iter()
            .collect();
        files.extend(
            self.overlay
                .iter()
                .filter(|file| file.kind == TableKind::Measured)
                .cloned(),
        );
        let mut series = self.series_of(&files)?;
        series.retain(|series| series.device == device);
        Ok(series)
    }

    fn series_of(&self, files: &[SourceFile]) -> Result<Vec<Series>, Faults> {
        let mut faults = Vec::new();
        let mut all = Vec::new();
        for file in files {
            let device = Path::new(&file.name)
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or("");
            for row in lists(file, self.rules(), &mut faults) {
                all.push(measured::series(row, device, self.rules(), &mut faults));
            }
        }
        if faults.is_empty() {
            Ok(all)
        } else {
            Err(Faults(faults))
        }
    }
}
