//! How much a fault does: what deeds need beside a target.
//!
//! **Invariant.** What is given and not needed is refused: it would be overlooked.

use super::deed::{Deed, Need, Sphere};
use super::rate::ByteRate;
use super::span::OffsetRange;
use super::target::Target;

/// How much a fault does, where its deed needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Severity {
    /// By how much something takes longer, or a calendar is wrong.
    pub by: OffsetRange,
    /// With which chance; more than 0, at most 1.
    pub chance: f64,
    /// How much passes.
    pub rate: ByteRate,
}

impl Default for Severity {
    fn default() -> Severity {
        Severity {
            by: OffsetRange::default(),
            chance: 1.0,
            rate: ByteRate::UNBOUNDED,
        }
    }
}

/// A severity as a file gives it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    pub(super) by: Option<OffsetRange>,
    pub(super) chance: Option<f64>,
    pub(super) rate: Option<ByteRate>,
}

impl Given {
    /// What a file says for these deeds.
    pub(super) fn of(severity: Severity, deeds: &[Deed]) -> Given {
        let needs = |need| deeds.iter().any(|deed| deed.need() == Some(need));
        Given {
            by: (needs(Need::Length) || needs(Need::Offset)).then_some(severity.by),
            chance: needs(Need::Chance).then_some(severity.chance),
            rate: needs(Need::Rate).then_some(severity.rate),
        }
    }

    /// What deeds need to strike these targets; or what is wrong with it.
    pub(super) fn suit(self, deeds: &[Deed], targets: &[Target]) -> Result<Severity, String> {
        let of = |sphere| deeds.iter().find(|deed| deed.sphere() == sphere);
        if let (Some(process), Some(link)) = (of(Sphere::Process), of(Sphere::Link)) {
            return Err(format!(
                "do: {process} strikes a process and {link} strikes a link, and no target is both: write a storm for each"
            ));
        }
        for &deed in deeds {
            for &target in targets {
                suits(deed, target)?;
            }
            self.supplies(deed)?;
        }
        self.is_all_needed(deeds)?;
        match self.chance {
            Some(chance) if !(chance > 0.0 && chance <= 1.0) => Err(format!(
                "chance = {chance}: expected a number above 0, at most 1"
            )),
            chance => Ok(Severity {
                by: self.by.unwrap_or_default(),
                chance: chance.unwrap_or(1.0),
                rate: self.rate.unwrap_or_default(),
            }),
        }
    }

    fn supplies(self, deed: Deed) -> Result<(), String> {
        let Some(need) = deed.need() else {
            return Ok(());
        };
        let (is_there, what) = match need {
            Need::Length => (
                self.by.is_some_and(|by| by.min.ns > 0),
                "by how much, more than nothing",
            ),
            Need::Offset => (
                self.by.is_some_and(|by| (by.min.ns, by.max.ns) != (0, 0)),
                "by how much, forwards or back",
            ),
            Need::Chance => (self.chance.is_some(), "the chance of each message"),
            Need::Rate => (self.rate.is_some(), "how many bytes pass in a second"),
        };
        match is_there {
            true => Ok(()),
            false => Err(format!(
                "do = \"{deed}\": it needs {what}: {}",
                need.example()
            )),
        }
    }

    fn is_all_needed(self, deeds: &[Deed]) -> Result<(), String> {
        let needed = Given::of(Severity::default(), deeds);
        for (is_spare, word, users) in [
            (
                self.by.is_some() && needed.by.is_none(),
                "by",
                "delay, slow-disk and clock",
            ),
            (
                self.chance.is_some() && needed.chance.is_none(),
                "chance",
                "lose and duplicate",
            ),
            (self.rate.is_some() && needed.rate.is_none(), "rate", "slow"),
        ] {
            if is_spare {
                return Err(format!("{word}: it is for {users}: drop it"));
            }
        }
        Ok(())
    }
}

fn suits(deed: Deed, target: Target) -> Result<(), String> {
    let (struck, example) = deed.sphere().words();
    if (deed.sphere() == Sphere::Link) != matches!(target, Target::Link { .. }) {
        return Err(format!(
            "target = \"{target}\": {deed} strikes {struck}, which it is not: write for example \"{example}\""
        ));
    }
    let one_way = matches!(target, Target::Link { both_ways, .. } if !both_ways);
    if deed == Deed::Break && one_way {
        return Err(format!(
            "target = \"{target}\": a connection ends for both directions, and it names one: write - for ->, or hold one direction"
        ));
    }
    Ok(())
}
