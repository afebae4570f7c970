//! A condition as options of `runner trial`, in virtual time.

use event_log::{Condition, Drain, Odds, PhaseRule, RateRule};

/// The arguments that make `trials` trials of this condition in virtual time; its faults are no option, but a file.
pub(super) fn of(condition: &Condition, name: &str, trials: u64, seed: u64) -> Vec<String> {
    // All fields by name: one more must be thought of here.
    let Condition {
        system: _,
        driver: _,
        machines,
        rates,
        duration_ns,
        odds,
        drain,
        phase,
        speed,
        latency,
        design,
        stamp,
        tick_delay_ns,
        faults: _,
        on_disconnect: _,
        per_process: _,
    } = condition;
    let mut options = vec!["trial".to_owned(), "--virtual".to_owned()];
    let mut option = |flag: &str, value: String| options.extend([format!("--{flag}"), value]);
    option("name", name.to_owned());
    option("count", trials.to_string());
    option("seed", seed.to_string());
    option("machines", machines.to_string());
    match rates {
        RateRule::Fixed(rates) => {
            let rates: Vec<String> = rates.iter().map(ToString::to_string).collect();
            option("rates", rates.join(","));
        }
        RateRule::Range(low, high) => option("rate-range", format!("{low}..{high}")),
    }
    option("duration", format!("{duration_ns}ns"));
    match odds {
        Odds::Sides(sides) => option("sides", sides.to_string()),
        Odds::Internal(internal) => option("internal", internal.to_string()),
    }
    option(
        "drain",
        if *drain == Drain::All { "all" } else { "one" }.to_owned(),
    );
    let aligned = *phase == PhaseRule::Aligned;
    option(
        "phase",
        if aligned { "aligned" } else { "random" }.to_owned(),
    );
    if let Some(latency) = latency {
        option(
            "latency",
            format!("{}ns..{}ns", latency.min_ns, latency.max_ns),
        );
    }
    option("design", design.name().to_owned());
    option("stamp", stamp.name().to_owned());
    if *tick_delay_ns > 0 {
        // Injected in system time; in virtual time the two are one.
        let nominal_ns = (*tick_delay_ns as f64 * speed).round() as u64;
        option("tick-delay", format!("{nominal_ns}ns"));
    }
    options
}
