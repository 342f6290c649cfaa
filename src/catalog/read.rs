//! One row from its TOML with all its faults, each in words that say what to do.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

use super::document::SourceFile;
use super::fault::Fault;
use super::lookup::nearest;

/// What stands in for a missing key while the rest of its row is read, one
/// after another until one is of the right kind.
const STAND_INS: [&str; 5] = ["\"\"", "0", "[]", "{}", "false"];
/// The place of a stand-in: in no file.
const NOWHERE: Range<usize> = usize::MAX - 1..usize::MAX;

/// Reads one row. A fault at a key is recorded, the key dropped (or put in
/// where it is missing) and the rest read again, so that a row tells all its
/// faults at once. A row that only lost optional keys is handed on, so that what
/// the others mean is checked too; its faults keep the table from loading.
pub fn read<T: DeserializeOwned>(
    file: &SourceFile,
    start: usize,
    mut value: Spanned<DeValue<'_>>,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let mut dropped: Vec<String> = Vec::new();
    // The missing key that is stood in for, and how many stand-ins were tried.
    let mut standing: Option<(String, usize)> = None;
    loop {
        let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(raw) => return standing.is_none().then_some(raw),
            Err(error) => error,
        };
        let span = error.span().unwrap_or(start..start);
        let message = error.message().replace('\n', " ");
        if span == NOWHERE {
            let (key, tried) = standing.take()?;
            stand_in(&mut value, &key, tried)?;
            standing = Some((key, tried + 1));
            continue;
        }
        if !dropped.is_empty() && message.starts_with("wanted exactly 1 element") {
            // What was dropped was the one table whose name says the kind.
            return None;
        }
        let missing = quoted(&message).filter(|_| message.starts_with("missing field"));
        let removed = if missing.is_none() {
            remove_at(&mut value, &span)
        } else {
            None
        };
        let key = missing.map_or_else(|| removed.clone().unwrap_or_default(), str::to_owned);
        if missing.is_none() || !dropped.contains(&key) {
            let (problem, action) = explain(&message, &key);
            let fault = Fault::at(&file.name, &file.text, span.start, problem, action);
            if missing.is_some() || !told(&fault, faults) {
                faults.push(fault);
            }
        }
        if missing.is_some() && value.span() == span {
            stand_in(&mut value, &key, 0)?;
            standing = Some((key, 1));
        } else if missing.is_some() {
            // A table inside the row lacks the key: go on without that table.
            dropped.push(remove_at(&mut value, &span)?);
        } else {
            dropped.push(removed?);
        }
    }
}

/// Whether the place of a fault has one already: a number that is no possible
/// value need not also be of the wrong kind.
fn told(fault: &Fault, faults: &[Fault]) -> bool {
    let place = |fault: &Fault| (fault.file.clone(), fault.line, fault.column);
    faults.iter().any(|known| place(known) == place(fault))
}

/// Puts the stand-in of a number at a missing key; none where there are no more.
fn stand_in(value: &mut Spanned<DeValue<'_>>, key: &str, number: usize) -> Option<()> {
    let text = STAND_INS.get(number)?;
    let DeValue::Table(table) = value.get_mut() else {
        return None;
    };
    let inner = DeValue::parse(text).ok()?.into_inner();
    let key = Spanned::new(NOWHERE, key.to_owned().into());
    table.insert(key, Spanned::new(NOWHERE, inner));
    Some(())
}

/// Removes the key at a span and names it; none if nothing inside the row is there.
fn remove_at(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<String> {
    match value.get_mut() {
        DeValue::Table(table) => {
            let found = table
                .iter()
                .find(|(key, inner)| key.span() == *span || inner.span() == *span)
                .map(|(key, _)| key.clone());
            if let Some(key) = found {
                table.remove(&key);
                return Some(key.into_inner().into_owned());
            }
            table
                .iter_mut()
                .find_map(|(_, inner)| remove_at(inner, span))
        }
        DeValue::Array(items) => items.iter_mut().find_map(|item| remove_at(item, span)),
        _ => None,
    }
}

/// The first word of a message between backquotes.
fn quoted(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

/// The reader's message about a key as a problem and what to do about it.
fn explain(message: &str, key: &str) -> (String, String) {
    // After the first word in backquotes come the ones that would do.
    let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
    let word = quoted(message).unwrap_or(key);
    let near = nearest(word, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    let one_of = || format!("write one of {}", known.join(", "));
    if message.starts_with("unknown field") {
        let action =
            near.unwrap_or_else(|| format!("take it out; the keys are {}", known.join(", ")));
        return (format!("there is no key `{word}` in this table"), action);
    }
    if message.starts_with("missing field") {
        return (
            format!("the key `{word}` is missing"),
            format!("add `{word} = ...` to this table"),
        );
    }
    if message.starts_with("unknown variant") {
        // A table whose name is the variant stands at its own key.
        let problem = if key == word {
            format!("there is no kind `{word}`")
        } else {
            format!("`{key}` cannot be `{word}`")
        };
        return (problem, near.unwrap_or_else(one_of));
    }
    if message.contains("is not a date") {
        let problem = message.split(':').next().unwrap_or(message).to_owned();
        return (
            problem,
            "write YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known".to_owned(),
        );
    }
    let wanted = message
        .split_once("expected ")
        .map_or("something else", |(_, wanted)| wanted);
    if wanted.starts_with("struct") && key.is_empty() {
        return (
            "this key stands outside of any table".to_owned(),
            "put a header with an id above it, such as [my-machine]".to_owned(),
        );
    }
    if key.is_empty() {
        return (
            message.to_owned(),
            "give it a value of the right kind".to_owned(),
        );
    }
    let (kind, example) = kind(wanted);
    (
        format!("`{key}` must be {kind}"),
        format!("write {example}, or leave the key out if it is unknown"),
    )
}

/// A kind of value in a person's words, with how one is written.
fn kind(wanted: &str) -> (&str, &'static str) {
    match wanted {
        "f64" => (
            "a number",
            "a number without quotes (its unit is the end of the key)",
        ),
        "u8" | "u16" | "u32" | "u64" | "usize" => {
            ("a whole number of zero or more", "a number without quotes")
        }
        "a string" | "string" => ("text", "it in \"quotes\""),
        "a boolean" => ("true or false", "true or false without quotes"),
        "a sequence" => ("a list", "it in [square brackets]"),
        _ if wanted.starts_with("struct") || wanted == "a map" => {
            ("a table", "{ key = value } or a header of its own")
        }
        other => (other, "a value of that kind"),
    }
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn messages_say_what_to_do() {
        let (problem, action) = explain(
            "unknown field `memory_gb`, expected one of `name`, `memory_gib`",
            "memory_gb",
        );
        assert_eq!(problem, "there is no key `memory_gb` in this table");
        assert_eq!(action, "did you mean `memory_gib`?");
        let (problem, action) = explain("invalid type: string \"x\", expected f64", "idle_w");
        assert_eq!(problem, "`idle_w` must be a number");
        assert!(action.contains("without quotes"), "{action}");
    }
}
