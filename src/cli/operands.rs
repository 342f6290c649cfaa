//! Operands that are machines or a model, told apart by their names: no id is both.

use anyhow::{Result, bail};

use super::session::Session;
use crate::catalog::{SelectError, Unknown};

/// Machines and the model of a command line, from options and operands alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operands {
    /// The machines, those of options first.
    pub machines: Vec<String>,
    /// The model.
    pub model: Option<String>,
}

/// Adds operands to what options named.
///
/// # Errors
/// If an operand is neither machine nor model, or a second model is named.
pub fn operands(
    session: &Session,
    typed: &[String],
    machines: Vec<String>,
    model: Option<String>,
) -> Result<Operands> {
    let mut all = Operands { machines, model };
    for name in typed {
        let machine = if name == "all" {
            None
        } else {
            session.catalog.select_machine(name).err()
        };
        match (machine, session.catalog.select_model(name).err()) {
            (None, Some(_)) => all.machines.push(name.clone()),
            (Some(_), None) => match &all.model {
                Some(first) => bail!("`{first}` and `{name}` are two models: name one"),
                None => all.model = Some(name.clone()),
            },
            (None, None) => {
                bail!("`{name}` is a machine and a model: write --machine {name} or --model {name}")
            }
            (Some(machine), Some(model)) => return Err(neither(name, machine, model).into()),
        }
    }
    Ok(all)
}

/// The clearer of two errors; one for both where neither kind knows the name.
fn neither(typed: &str, machine: SelectError, model: SelectError) -> SelectError {
    match (machine, model) {
        (SelectError::Unknown(machine), SelectError::Unknown(model)) => {
            let near = [machine.nearest, model.nearest];
            let near = near.iter().flatten().map(String::as_str);
            Unknown::new("machine or model", typed, near).into()
        }
        (SelectError::Unknown(_), other) | (other, _) => other,
    }
}
