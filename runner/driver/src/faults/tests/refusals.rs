//! What cannot be done is refused in words.

use event_log::faults::{
    Count, Deed, EffectKind, Fault, Faults, Interval, Moments, Pace, Point, Severity, Span,
    SpanRange, Storm, Target, When,
};

use super::servers::{MS, at, fault, limits, target};
use crate::faults::limits::Limits;

fn refused(limits: &Limits, faults: Vec<Fault>, storms: Vec<Storm>) -> String {
    let settle = Span { ns: 1000 * MS };
    let schedule = Faults {
        settle,
        faults,
        storms,
    };
    let refusal = limits.admit(&schedule).expect_err("it cannot be done");
    refusal.to_string()
}

#[test]
fn what_is_not_there_cannot_be_struck() {
    let (all, nothing) = (limits(2, true), limits(0, false));
    for deed in Deed::ALL {
        let whom = target(deed.sphere().words().1);
        let plan = || vec![fault(at(1), deed, whom, None)];
        assert!(all.obstacle(deed).is_none());
        if let Some(obstacle) = nothing.obstacle(deed) {
            let error = refused(&nothing, plan(), Vec::new());
            assert!(
                error.contains(obstacle) && error.contains("it can kill"),
                "{error}"
            );
        }
        assert!(
            all.admit(&Faults {
                faults: plan(),
                ..Faults::default()
            })
            .is_ok()
        );
    }
    for (deed, whom, words) in [
        (Deed::Wipe, "client 1", "another client"),
        (Deed::Clock, "any client", "only servers"),
        (
            Deed::Kill,
            "client 2",
            "target = \"client 2\": it is not there",
        ),
        (Deed::Hold, "link 0-client 2", "and clients 0 to 1"),
        (Deed::Hold, "link any->3", "expected one of servers 0 to 2"),
    ] {
        let error = refused(
            &all,
            vec![fault(at(1), deed, target(whom), None)],
            Vec::new(),
        );
        assert!(error.contains(words), "{whom}: {error}");
    }
    for whom in ["any client", "link any client-any"] {
        let deed = if whom.starts_with("link") {
            Deed::Hold
        } else {
            Deed::Kill
        };
        let error = refused(
            &nothing,
            vec![fault(at(1), deed, target(whom), None)],
            Vec::new(),
        );
        assert!(error.contains("and no client"), "{error}");
    }
    let late = Point {
        is_after: true,
        kind: EffectKind::Send(None),
        by: Target::Any,
        nth: 1,
        from: Span { ns: 59_000 * MS },
    };
    let error = refused(
        &all,
        vec![fault(When::On(late), Deed::Kill, Target::All, None)],
        Vec::new(),
    );
    assert!(error.starts_with("on: from = \"59s\""), "{error}");
}

#[test]
fn a_storm_has_a_bound_and_kinds_that_there_are() {
    let storm = |kind: &str, pace| Storm {
        deeds: vec![Deed::Kill],
        targets: vec![Target::Any, Target::AnyClient],
        pace,
        moments: Some(Moments {
            kinds: vec![kind.parse().expect(kind)],
            nth: Interval::exactly(Count(1)),
        }),
        lasts: SpanRange::exactly(Span { ns: MS }),
        most: None,
        severity: Severity::default(),
    };
    let every = |ns| Pace::Every(Span { ns });
    for (storm, words) in [
        (
            storm("send:think", every(6000 * MS)),
            "expected one of install",
        ),
        (storm("persist", every(MS)), "59000 points are waited for"),
        (
            storm("persist", Pace::Count(Interval::exactly(Count(1001)))),
            "at most 1000",
        ),
    ] {
        let error = refused(&limits(2, true), Vec::new(), vec![storm]);
        assert!(error.contains(words), "{error}");
    }
    let error = refused(
        &limits(0, true),
        Vec::new(),
        vec![storm("persist", every(6000 * MS))],
    );
    assert!(error.contains("and no client"), "{error}");
}
