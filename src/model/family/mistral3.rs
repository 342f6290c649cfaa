//! Mistral 3 and after: plain Llama layout under a name of its own.

use super::spec::FamilySpec;

/// Ministral 3, Devstral Small 2, Devstral 2, Mistral Medium 3.5.
pub(super) const MISTRAL3: FamilySpec = FamilySpec {
    name: "mistral3",
    ..FamilySpec::LLAMA
};
