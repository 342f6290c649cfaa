//! The steps of an estimate, for `--explain`. Recording costs nothing when off:
//! the text is made by a closure that is not called then.

/// One step: what it is about, and the formula with its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `weights`, `decode`, ...
    pub label: &'static str,
    /// The formula and its numbers.
    pub text: String,
}

/// A recorder of steps.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    steps: Option<Vec<Step>>,
}

impl Trace {
    /// Records nothing.
    pub const fn off() -> Self {
        Self { steps: None }
    }

    /// Records every step.
    pub const fn on() -> Self {
        Self {
            steps: Some(Vec::new()),
        }
    }

    /// Records a step, if on.
    pub fn step(&mut self, label: &'static str, text: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step {
                label,
                text: text(),
            });
        }
    }

    /// The steps recorded.
    pub fn steps(&self) -> &[Step] {
        self.steps.as_deref().unwrap_or(&[])
    }
}
