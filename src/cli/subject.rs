//! What is asked about: a model of the catalogue, a GGUF file, or a Hugging
//! Face config.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::session::Session;
use crate::catalog::{Model, QuantChoice};
use crate::evidence::Citation;
use crate::import::{gguf, hf_config};
use crate::model::{ModelTable, Packaging, Quant, Weights};
use crate::report::Report;
use crate::units::significant;

/// A model to answer about.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The model.
    pub model: Cow<'a, Model>,
    /// The quant that its name or file carries.
    pub quant: QuantChoice,
    /// Its name for the first line, with the alias it was found by.
    pub title: String,
    /// The weights of a file, with what the file comes as.
    pub file: Option<(Weights, Packaging)>,
    /// What was assumed because the file does not say it.
    pub assumptions: Vec<String>,
}

impl Subject<'_> {
    /// Tells in a report what was assumed, and hands it on as sentences for its footnote.
    pub fn assumed(&self, report: &mut Report) -> impl Iterator<Item = String> {
        if !self.assumptions.is_empty() {
            report.assume("assumed_of_file", self.assumptions.clone());
        }
        let note = |assumption: &String| format!("Assumed: {assumption}");
        self.assumptions.iter().map(note)
    }
}

/// The subject of what was typed: a file that is there, else a name.
///
/// # Errors
/// If the file cannot be read as what it is, or the name is unknown.
pub fn subject<'a>(session: &'a Session, typed: &str) -> Result<Subject<'a>> {
    let path = Path::new(typed);
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("");
    match extension.to_ascii_lowercase().as_str() {
        "gguf" if path.exists() => return gguf_file(session, path),
        "json" if path.exists() => return hugging_face(session, path),
        "json" => bail!("there is no file `{typed}`: give the path of a config.json"),
        _ if path.is_dir() => return hugging_face(session, path),
        _ => {}
    }
    let choice = match session.catalog.select_model(typed) {
        Err(error) if extension.eq_ignore_ascii_case("gguf") => {
            return Err(error).with_context(|| format!("there is no file `{typed}`"));
        }
        choice => choice?,
    };
    let name = &choice.model.table.name;
    let title = match &choice.alias {
        Some(alias) => format!("{name} (`{alias}` is {})", choice.model.id),
        None => name.clone(),
    };
    Ok(Subject {
        model: Cow::Borrowed(choice.model),
        quant: choice.quant,
        title,
        file: None,
        assumptions: Vec::new(),
    })
}

/// A GGUF file: architecture and bytes from its header.
fn gguf_file<'a>(session: &Session, path: &Path) -> Result<Subject<'a>> {
    let header = gguf::Header::open(path)?;
    let place = || path.display().to_string();
    let described = header.architecture().with_context(place)?;
    let weights = header.weights().with_context(place)?;
    let name = header.name().map_or_else(|| file_name(path), str::to_owned);
    let mut assumptions = described.assumptions;
    if let Some(missing) = header.missing_bytes {
        assumptions.push(format!(
            "the file lacks the last {} GB of its tensors, whose sizes its header tells",
            significant(missing.gb(), 3)
        ));
    }
    let table = ModelTable {
        name: name.clone(),
        family: described.architecture.family.name().to_owned(),
        max_context: described.architecture.max_context,
        ..ModelTable::default()
    };
    let model = Model {
        id: file_name(path),
        table,
        architecture: described.architecture,
        citation: of_file(session, path),
    };
    Ok(Subject {
        model: Cow::Owned(model),
        quant: QuantChoice::Exact(weights.quant.clone()),
        title: name,
        file: Some((weights, Packaging::Gguf)),
        assumptions,
    })
}

/// A config.json, or the folder that holds one.
fn hugging_face<'a>(session: &Session, path: &Path) -> Result<Subject<'a>> {
    let config = hf_config::open(path)?;
    let quant = match config.quant.as_deref().map(|id| (id, Quant::from_id(id))) {
        Some((_, Some(quant))) => QuantChoice::Exact(quant),
        Some((id, None)) => bail!(
            "{}: its quant `{id}` is not known: name one with --quant",
            path.display()
        ),
        None => QuantChoice::Usual,
    };
    let title = config.table.name.clone();
    let model = Model {
        id: title.clone(),
        table: config.table,
        architecture: config.architecture,
        citation: of_file(session, path),
    };
    Ok(Subject {
        model: Cow::Owned(model),
        quant,
        title,
        file: None,
        assumptions: config.assumptions,
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn of_file(session: &Session, path: &Path) -> Citation {
    Citation {
        source: path.display().to_string(),
        date: session.catalog.today(),
        note: None,
    }
}
