//! Families: the tensor layouts by llama.cpp's architecture name.
//!
//! A family is a [`FamilySpec`] in a file of this folder and a line in the list
//! below; most are a few lines that say in what they differ from Llama.

mod apertus;
mod arcee;
mod bailing;
mod cohere;
mod deci;
mod deepseek2;
mod deepseek4;
mod dots1;
mod ernie4_5;
mod exaone;
mod falcon;
mod gated_attention;
mod gemma;
mod gemma3n;
mod gemma4;
mod glm4;
mod gpt_oss;
mod granite;
mod grok;
mod hunyuan;
mod lfm2;
mod llama;
mod llama4;
mod mimo2;
mod minimax;
mod mistral3;
mod nemotron;
mod olmo2;
mod phi;
mod plain;
mod qwen2;
mod qwen3;
mod qwen35;
mod seed_oss;
mod spec;
mod starcoder2;

use std::fmt;

pub use spec::{Attention, FamilySpec, Gate, Network, Norms, QueryKeyNorm, Rotary};

/// Every known family.
static FAMILIES: &[FamilySpec] = &[
    llama::LLAMA,
    mistral3::MISTRAL3,
    llama4::LLAMA4,
    deci::DECI,
    qwen2::QWEN2,
    qwen2::QWEN2VL,
    qwen2::QWEN2MOE,
    qwen3::QWEN3,
    qwen3::QWEN3VL,
    qwen3::QWEN3MOE,
    qwen3::QWEN3VLMOE,
    qwen35::QWEN3NEXT,
    qwen35::QWEN35,
    qwen35::QWEN35MOE,
    gemma::GEMMA,
    gemma::GEMMA2,
    gemma::GEMMA3,
    glm4::CHATGLM,
    glm4::GLM4,
    glm4::GLM4MOE,
    deepseek2::DEEPSEEK,
    deepseek2::DEEPSEEK2,
    deepseek2::DEEPSEEK32,
    deepseek2::GLM_DSA,
    deepseek2::MISTRAL4,
    minimax::MINIMAX_M2,
    minimax::MINIMAX_M3,
    nemotron::NEMOTRON,
    nemotron::NEMOTRON_H,
    nemotron::NEMOTRON_H_MOE,
    seed_oss::SEED_OSS,
    olmo2::OLMO2,
    olmo2::OLMOE,
    granite::GRANITE,
    granite::GRANITEMOE,
    granite::GRANITEHYBRID,
    hunyuan::HUNYUAN_MOE,
    hunyuan::HUNYUAN_DENSE,
    hunyuan::HY_V3,
    dots1::DOTS1,
    ernie4_5::ERNIE4_5,
    ernie4_5::ERNIE4_5_MOE,
    bailing::BAILINGMOE,
    bailing::BAILINGMOE2,
    lfm2::LFM2,
    lfm2::LFM2MOE,
    exaone::EXAONE,
    exaone::EXAONE4,
    exaone::EXAONE_MOE,
    plain::SMOLLM3,
    plain::INTERNLM2,
    plain::BAICHUAN,
    plain::XVERSE,
    plain::MINICPM,
    plain::SMALLTHINKER,
    plain::NANBEIGE,
    arcee::ARCEE,
    arcee::AFMOE,
    gated_attention::LAGUNA,
    gated_attention::STEP35,
    gated_attention::MUSE_GLIMMER,
    cohere::COMMAND_R,
    cohere::COHERE2,
    cohere::COHERE2MOE,
    falcon::FALCON,
    starcoder2::STARCODER2,
    starcoder2::STABLELM,
    starcoder2::ORION,
    phi::PHI2,
    phi::PHI3,
    phi::PHIMOE,
    apertus::APERTUS,
    mimo2::MIMO2,
    grok::GROK,
    grok::DBRX,
    gpt_oss::GPT_OSS,
    gemma3n::GEMMA3N,
    gemma4::GEMMA4,
    deepseek4::DEEPSEEK4,
];

/// A family, by its entry in the list. Cheap to copy and to compare.
#[derive(Clone, Copy)]
pub struct Family(&'static FamilySpec);

impl Family {
    /// The family of llama.cpp's architecture name (`general.architecture`).
    pub fn from_name(name: &str) -> Option<Self> {
        FAMILIES.iter().find(|spec| spec.name == name).map(Self)
    }

    /// All families.
    pub fn all() -> impl Iterator<Item = Self> {
        FAMILIES.iter().map(Self)
    }

    /// llama.cpp's architecture name.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Its tensor layout.
    pub const fn spec(self) -> &'static FamilySpec {
        self.0
    }
}

impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Family {}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Family({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Family;

    #[test]
    fn names_are_unique() {
        for family in Family::all() {
            assert_eq!(
                Family::all().filter(|other| *other == family).count(),
                1,
                "{family:?}"
            );
            assert_eq!(Family::from_name(family.name()), Some(family));
        }
    }
}
