//! The tables of the catalogue and the files that belong to each.

use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::document::SourceFile;
use super::fault::Fault;

/// The built-in data, embedded as it stands in `data/`.
static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// A table: the kind of rows that a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableKind {
    /// Accelerators.
    Devices,
    /// What one can buy.
    Machines,
    /// The rest of a PC.
    Hosts,
    /// Links between devices.
    Links,
    /// Quotes.
    Prices,
    /// Electricity.
    Energy,
    /// What the same work costs elsewhere.
    Cloud,
    /// Models.
    Models,
    /// Quants.
    Quants,
    /// Published sizes of model files.
    RealFiles,
    /// How good models are.
    Quality,
    /// Serving software.
    Engines,
    /// Kinds of use.
    Workloads,
    /// Measurements.
    Measured,
    /// Fitted constants.
    Calibration,
    /// Ways of speculative decoding.
    Speculation,
    /// Rates with and without it.
    SpeculationPairs,
    /// Published claims.
    Claims,
    /// Where claims were published.
    ClaimSources,
}

impl TableKind {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Devices,
        Self::Machines,
        Self::Hosts,
        Self::Links,
        Self::Prices,
        Self::Energy,
        Self::Cloud,
        Self::Models,
        Self::Quants,
        Self::RealFiles,
        Self::Quality,
        Self::Engines,
        Self::Workloads,
        Self::Measured,
        Self::Calibration,
        Self::Speculation,
        Self::SpeculationPairs,
        Self::Claims,
        Self::ClaimSources,
    ];

    /// The folder or file stem that holds the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Machines => "machines",
            Self::Hosts => "hosts",
            Self::Links => "links",
            Self::Prices => "prices",
            Self::Energy => "energy",
            Self::Cloud => "cloud",
            Self::Models => "models",
            Self::Quants => "quants",
            Self::RealFiles => "real_files",
            Self::Quality => "quality",
            Self::Engines => "engines",
            Self::Workloads => "workloads",
            Self::Measured => "measured",
            Self::Calibration => "calibration",
            Self::Speculation => "speculation",
            Self::SpeculationPairs => "speculation_pairs",
            Self::Claims => "claims",
            Self::ClaimSources => "claim_sources",
        }
    }

    /// The table that a file belongs to: its folder's name, or its own up to
    /// the first `-` or `.` (`machines.toml`, `machines-mine.toml`, `machines/mine.toml`).
    pub fn of_path(path: &Path) -> Option<Self> {
        let stem = path.file_name()?.to_str()?;
        let stem = stem.split(['-', '.']).next()?;
        let folder = path
            .parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        Self::ALL
            .into_iter()
            .find(|kind| folder == Some(kind.name()))
            .or_else(|| Self::ALL.into_iter().find(|kind| stem == kind.name()))
    }
}

/// The built-in files of a table.
pub fn builtin(kind: TableKind) -> Vec<SourceFile> {
    let single = format!("{}.toml", kind.name());
    let folder = DATA.get_dir(kind.name());
    let mut files: Vec<&include_dir::File<'_>> =
        folder.map(|dir| dir.files().collect()).unwrap_or_default();
    files.extend(DATA.get_file(&single));
    files
        .into_iter()
        .filter(|file| {
            file.path()
                .extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|file| SourceFile {
            name: format!("data/{}", file.path().display()),
            text: file.contents_utf8().unwrap_or_default().to_owned(),
            builtin: true,
            kind,
        })
        .collect()
}

/// One built-in file, `measured/gb10.toml`; none if there is no such file.
pub fn builtin_file(kind: TableKind, stem: &str) -> Option<SourceFile> {
    let file = DATA.get_file(format!("{}/{stem}.toml", kind.name()))?;
    Some(SourceFile {
        name: format!("data/{}", file.path().display()),
        text: file.contents_utf8().unwrap_or_default().to_owned(),
        builtin: true,
        kind,
    })
}

/// Reads the overlay: every `*.toml` in the folder and one level below.
pub fn overlay(folder: &Path, faults: &mut Vec<Fault>) -> Vec<SourceFile> {
    let mut files = Vec::new();
    for path in toml_files(folder, faults) {
        files.extend(read_file(&path, faults));
    }
    files
}

/// Reads one file of an overlay.
pub fn read_file(path: &Path, faults: &mut Vec<Fault>) -> Option<SourceFile> {
    let name = path.display().to_string();
    if !path.exists() {
        faults.push(Fault::of_file(
            &name,
            "there is no such file".to_owned(),
            "give the path of a TOML file or of a folder of them".to_owned(),
        ));
        return None;
    }
    let Some(kind) = TableKind::of_path(path) else {
        let names: Vec<&str> = TableKind::ALL.into_iter().map(TableKind::name).collect();
        faults.push(Fault::of_file(
            &name,
            "the file's name does not say which table it holds".to_owned(),
            format!(
                "name it NAME.toml or NAME-anything.toml with NAME one of {}",
                names.join(", ")
            ),
        ));
        return None;
    };
    match fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => {
            faults.push(Fault::of_file(
                &name,
                "the file is empty".to_owned(),
                "add a table such as [my-machine], or remove the file".to_owned(),
            ));
            None
        }
        Ok(text) => Some(SourceFile {
            name,
            text,
            builtin: false,
            kind,
        }),
        Err(error) => {
            faults.push(Fault::of_file(
                &name,
                format!("cannot be read: {error}"),
                "check that it is a UTF-8 text file you may read".to_owned(),
            ));
            None
        }
    }
}

fn toml_files(folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((current, depth)) = folders.pop() {
        let entries = match fs::read_dir(&current) {
            Ok(entries) => entries,
            Err(error) => {
                faults.push(Fault::of_file(
                    &current.display().to_string(),
                    format!("cannot be read: {error}"),
                    "give a folder of *.toml files".to_owned(),
                ));
                continue;
            }
        };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() && depth == 0 {
                folders.push((path, 1));
            } else if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
