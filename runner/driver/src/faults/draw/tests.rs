use super::*;

fn limits() -> Limits {
    Limits {
        of: "a test",
        servers: 3,
        clients: 4,
        has_roles: true,
        length_ns: 60_000_000_000,
        kinds: &[],
        has_disks: true,
        has_calendar: true,
        has_sizes: true,
        has_packets: true,
    }
}

fn storm(deeds: &[Deed], targets: &[&str], moments: Option<Moments>) -> Storm {
    Storm {
        deeds: deeds.to_vec(),
        targets: targets
            .iter()
            .map(|text| text.parse().expect(text))
            .collect(),
        pace: Pace::Every(Span { ns: 6_000_000_000 }),
        moments,
        lasts: "0.5s..5s".parse().expect("a range"),
        most: None,
        severity: Severity::default(),
    }
}

fn draw(storms: Vec<Storm>) -> Vec<Fault> {
    let faults = Faults {
        settle: Span { ns: 15_000_000_000 },
        faults: Vec::new(),
        storms,
    };
    let plain = plain(&faults, &limits(), 7, 3);
    assert!(plain.is_plain() && limits().admit(&plain).is_ok());
    plain.faults
}

#[test]
fn a_storm_is_drawn_as_ever() {
    let kills = Storm {
        most: Some(1),
        ..storm(&[Deed::Kill, Deed::Pause], &["any"], None)
    };
    let holds = storm(&[Deed::Hold], &["link any->any"], None);
    let words = |fault: &Fault| {
        let When::At(at) = fault.when else {
            panic!("{fault:?}")
        };
        let lasts_ns = fault.lasts.map(|lasts| lasts.min.ns);
        format!("{} {} {} {lasts_ns:?}", at.ns, fault.deed, fault.target)
    };
    let drawn: Vec<String> = draw(vec![kills, holds]).iter().map(words).collect();
    let expected = [
        "2578238252 kill server 2 Some(3766760645)",
        "13196602964 pause server 1 Some(2329517268)",
        "19445580277 hold link 2->0 Some(4872093489)",
        "23099835606 kill server 1 Some(833878338)",
        "28013749460 pause server 0 Some(2107120198)",
        "30160570600 hold link 1->0 Some(4614700529)",
        "41053667713 hold link 1->2 Some(3951841601)",
        "44383099380 hold link 0->2 Some(1273762814)",
    ];
    assert_eq!(drawn, expected);
}

fn at_points(kinds: &[&str], nth: &str) -> Option<Moments> {
    Some(Moments {
        kinds: kinds.iter().map(|kind| kind.parse().expect(kind)).collect(),
        nth: nth.parse().expect("a range"),
    })
}

#[test]
fn each_at_a_point_is_struck_at_an_effect_of_its_own() {
    let targets = [
        "any",
        "any client",
        "primary",
        "all",
        "link any client->any",
    ];
    let mut storms = Vec::new();
    for target in targets {
        let deed = match target.starts_with("link") {
            true => Deed::Hold,
            false => Deed::Kill,
        };
        let moments = at_points(&["send", "before persist"], "1..400");
        let mut storm = storm(&[deed], &[target], moments);
        storm.pace = Pace::Count("60".parse().expect("a number"));
        storms.push(storm);
    }
    let drawn = draw(storms);
    assert_eq!(drawn.len(), 60 * targets.len());
    for fault in &drawn {
        let When::On(point) = &fault.when else {
            panic!("{fault:?}")
        };
        let is_own = match fault.target {
            Target::All => matches!(point.by, Target::Server(_)),
            Target::Link { from, .. } => match (from, point.by) {
                (End::Client(of), Target::Client(by)) => of == by,
                _ => false,
            },
            target => target == point.by,
        };
        assert!(is_own, "{fault:?}");
        assert!(point.kind != event_log::faults::EffectKind::Persist || !point.is_after);
        assert_eq!(point.from, Span::default());
    }
    let share = |of: fn(&Point) -> bool| {
        let points = drawn.iter().filter_map(|fault| match &fault.when {
            When::On(point) => Some(point),
            When::At(_) => None,
        });
        points.filter(|point| of(point)).count()
    };
    // Of 300: half are sends, half of these after; a ninth is first of its kind; the seed is fixed.
    assert!((50..100).contains(&share(|point| point.is_after)));
    assert!((20..50).contains(&share(|point| point.nth == 1)));
    assert!((20..50).contains(&share(|point| point.nth >= 256)));
    assert!(share(|point| point.nth > 400) == 0);
}

#[test]
fn points_of_a_storm_that_comes_every_so_often_are_waited_for_from_then_on() {
    let every = storm(&[Deed::Power], &["any"], at_points(&["persist"], "3"));
    let drawn = draw(vec![every]);
    let from = drawn.iter().map(|fault| match &fault.when {
        When::On(point) => (point.nth, point.from.ns),
        When::At(_) => panic!("{fault:?}"),
    });
    let from: Vec<(u32, u64)> = from.collect();
    assert!(from.len() > 2 && from.is_sorted(), "{from:?}");
    assert!(
        from.iter()
            .all(|&(nth, ns)| nth == 3 && ns < 45_000_000_000)
    );
}

#[test]
fn amounts_are_drawn_from_their_ranges() {
    let mut clock = storm(&[Deed::Clock], &["any", "backup"], None);
    clock.pace = Pace::Every(Span { ns: 100_000_000 });
    clock.severity.by = "-10s..10s".parse().expect("a range");
    let drawn = draw(vec![clock]);
    let by = |fault: &Fault| fault.severity.by.min.ns;
    assert!(drawn.iter().any(|fault| by(fault) < -5_000_000_000));
    assert!(drawn.iter().any(|fault| by(fault) > 5_000_000_000));
    assert!(drawn.iter().all(|fault| by(fault).abs() <= 10_000_000_000));
    let backups = drawn.iter().filter(|fault| fault.target == Target::Backup);
    assert!((1..drawn.len()).contains(&backups.count()));
}

#[test]
fn a_bound_on_servers_bounds_no_clients() {
    let mut storm = storm(&[Deed::Kill], &["any", "any client"], None);
    storm.pace = Pace::Every(Span { ns: 500_000_000 });
    storm.lasts = SpanRange::exactly(Span { ns: 4_000_000_000 });
    storm.most = Some(1);
    let drawn = draw(vec![storm]);
    // How many of a kind are down when another is struck.
    let most = |of: fn(Target) -> bool| {
        let times: Vec<u64> = drawn
            .iter()
            .filter(|fault| of(fault.target))
            .map(|fault| match &fault.when {
                When::At(at) => at.ns,
                When::On(_) => panic!("{fault:?}"),
            })
            .collect();
        let down = |at: &u64| {
            let since = times
                .iter()
                .filter(|&time| time <= at && time + 4_000_000_000 > *at);
            since.count()
        };
        times.iter().map(down).max()
    };
    assert_eq!(most(|target| matches!(target, Target::Server(_))), Some(1));
    assert!(most(|target| matches!(target, Target::Client(_))) > Some(1));
}
