use event_log::Rate;

use super::*;

fn configure(options: TrialOptions) -> Result<Config, ConfigError> {
    Config::new(options, 42, 8)
}

fn toml(text: &str) -> TrialOptions {
    toml::from_str(text).expect("the test's own file")
}

#[test]
fn defaults_are_the_assignment() {
    let config = configure(TrialOptions::default()).expect("defaults are valid");
    assert_eq!(config.count, 5);
    assert_eq!(config.jobs, 5);
    assert_eq!(config.seed, 42);
    assert_eq!(config.machines.len(), 3);
    assert_eq!(config.condition.rates, RateRule::Range(1, 6));
    assert_eq!(config.condition.duration_ns, 60_000_000_000);
    assert_eq!(config.condition.odds, Odds::Sides(10));
    assert_eq!(config.condition.driver, Driver::Sockets);
    assert!(
        config
            .machines
            .iter()
            .all(|machine| machine.listen_addr.host == "127.0.0.1")
    );
}

#[test]
fn trials_side_by_side_are_bounded_by_their_machines_on_any_host() {
    let cases = [
        ("machines = 3", 21),
        ("machines = 3\ndesign = 'hub'", 16),
        ("machines = 32\nper_process = 16", 2),
        ("machines = 64", 1),
        ("machines = 1000", 1),
    ];
    for (file, jobs) in cases {
        for processors in [1, 2, 64] {
            let options = toml(&format!("count = 50\n{file}"));
            let config = Config::new(options, 42, processors).expect(file);
            assert_eq!(config.jobs, jobs, "{file}, {processors} processors");
        }
    }
}

#[test]
fn what_is_usual_is_not_recorded() {
    let config = configure(toml("design = 'mesh'\nstamp = 'after'\ntick_delay = '0s'"));
    let config = config.expect("valid");
    assert_eq!(Ok(&config), configure(TrialOptions::default()).as_ref());
    let manifest = serde_json::to_string(&config.condition).expect("plain data");
    let record = serde_json::to_string(&config.to_options()).expect("plain data");
    for word in ["design", "stamp", "delay"] {
        assert!(!manifest.contains(word), "{manifest}");
        assert!(!record.contains(word), "{record}");
    }
}

#[test]
fn what_is_stored_gives_the_same_configuration() {
    let files = [
        "",
        "virtual = true\nlatency = '50us..5ms'\nrates = [1, 2.5, 6]\nseed = 7",
        "internal = 0.25\ndrain = 'all'\nphase = 'aligned'\nspeed = 60\non_disconnect = 'reconnect'",
        "virtual = true\ndesign = 'hub'\nstamp = 'before'\ntick_delay = '20ms'",
        "design = 'timekeeper'\nspeed = 20",
        "machines = 20",
        "machines = 20\nper_process = 1",
        "machines = 4\nper_process = 2",
        "design = 'hub'\n[hub]\nhost = '127.0.0.2'\nport = 7000",
        "count = 1\n[[machine]]\nname = 'a'\nport = 8000\nrate = 1\n[[machine]]\nlog = 'b.csv'\nrate = 6",
    ];
    for file in files {
        let config = configure(toml(file)).expect("valid");
        let json = serde_json::to_string(&config.to_options()).expect("plain data");
        let stored: TrialOptions = serde_json::from_str(&json).expect("its own form");
        assert_eq!(configure(stored).as_ref(), Ok(&config), "{file}");
    }
}

#[test]
fn flags_override_the_file() {
    let file = toml("count = 9\nsides = 20\n[[machine]]\nrate = 1\n[[machine]]\nrate = 2");
    let flags = TrialOptions {
        rates: Some(vec![3.0, 4.0]),
        internal: Some(0.5),
        ..TrialOptions::default()
    };
    let config = configure(flags.or(file)).expect("valid");
    assert_eq!(config.count, 9);
    assert_eq!(config.condition.odds, Odds::Internal(0.5));
    assert_eq!(
        config.condition.rates,
        RateRule::Fixed(vec![Rate::from_hz(3), Rate::from_hz(4)])
    );
}

#[test]
fn flags_override_the_record_of_a_run_whatever_it_says() {
    let record = |file: &str| configure(toml(file)).expect("valid").to_options();
    let sockets = record("speed = 60\non_disconnect = 'reconnect'\njobs = 2");
    let other_world = TrialOptions {
        virtual_time: Some(true),
        ..TrialOptions::default()
    };
    let config = configure(other_world.over(sockets.clone())).expect("the other driver");
    assert_eq!(config.condition.driver, Driver::Virtual);
    let back = TrialOptions {
        virtual_time: Some(false),
        speed: Some(2.0),
        ..TrialOptions::default()
    };
    let config = configure(back.over(record("virtual = true\nlatency = '1ms'"))).expect("and back");
    assert_eq!(
        (config.condition.speed, config.condition.latency),
        (2.0, None)
    );

    let more = TrialOptions {
        machines: Some(5),
        ..TrialOptions::default()
    };
    let named = record("[[machine]]\nname = 'a'\n[[machine]]\n[[machine]]");
    for record in [sockets.clone(), named] {
        let config = configure(more.clone().over(record)).expect("more machines");
        assert_eq!(config.machines.len(), 5);
    }
    let listen_addrs = [
        ("hub", "[[machine]]\nname = 'a'\nport = 7000\n[[machine]]"),
        ("mesh", "design = 'hub'\n[hub]\nport = 7000"),
    ];
    for (design, file) in listen_addrs {
        let flags = toml(&format!("design = '{design}'"));
        let config = configure(flags.over(record(file))).expect("another design");
        assert_eq!(config.condition.design.name(), design);
        assert!(
            config.listen_addrs().values().all(ListenAddr::is_usual),
            "{file}"
        );
    }
    let rates = TrialOptions {
        rates: Some(vec![1.0, 2.0]),
        ..TrialOptions::default()
    };
    let config = configure(rates.over(sockets)).expect("fewer machines, by their rates");
    assert_eq!(config.machines.len(), 2);
    let error = configure(more.over(record("rates = [1, 3, 6]"))).expect_err("rates of whom?");
    assert_eq!(error.option, "--rates");
}

#[test]
fn what_cannot_be_obeyed_is_named() {
    let cases = [
        ("count = 0", "--count"),
        ("machines = 1", "--machines"),
        ("machines = 4\nrates = [1, 3, 6]", "--rates"),
        ("rates = [1, 0]", "--rates"),
        ("rate_range = '6..1'", "--rate-range"),
        ("rate_range = '0..6'", "--rate-range"),
        ("duration = '60'", "--duration"),
        ("duration = '-5s'", "--duration"),
        ("duration = '0s'", "--duration"),
        ("sides = 2", "--sides"),
        ("internal = 1.5", "--internal"),
        ("speed = 0", "--speed"),
        ("latency = '1ms'", "--latency"),
        ("virtual = true\nlatency = '5ms..1ms'", "--latency"),
        ("virtual = true\non_disconnect = 'abort'", "--on-disconnect"),
        ("[hub]\nport = 7000", "[hub]"),
        (
            "design = 'hub'\n[[machine]]\nport = 7000\n[[machine]]",
            "[[machine]]",
        ),
        ("design = 'hub'\njobs = 2\n[hub]\nport = 7000", "--jobs"),
        ("tick_delay = '20'", "--tick-delay"),
        ("tick_delay = '6s'", "--tick-delay"),
        ("tick_delay = '3s'\nspeed = 20", "--tick-delay"),
        ("jobs = 0", "--jobs"),
        ("name = '../x'", "--name"),
        (
            "[[machine]]\nlog = '/abs.csv'\n[[machine]]",
            "[[machine]] log",
        ),
        (
            "[[machine]]\nlog = '../up.csv'\n[[machine]]",
            "[[machine]] log",
        ),
        (
            "[[machine]]\nlog = 'x'\n[[machine]]\nlog = 'x'",
            "[[machine]] log",
        ),
        (
            "[[machine]]\nport = 9\n[[machine]]\nport = 9",
            "[[machine]] port",
        ),
        ("[[machine]]\nrate = 1\n[[machine]]", "[[machine]]"),
        ("jobs = 2\n[[machine]]\nport = 9\n[[machine]]", "--jobs"),
        ("per_process = 0", "--per-process"),
        ("per_process = 3", "--per-process"),
        ("virtual = true\nper_process = 1", "--per-process"),
        (
            "per_process = 2\n[[machine]]\nport = 9\n[[machine]]\n[[machine]]",
            "--per-process",
        ),
    ];
    for (file, option) in cases {
        let error = configure(toml(file)).expect_err(file);
        assert_eq!(error.option, option, "{file}: {error}");
    }
}

#[test]
fn unknown_keys_are_refused() {
    let error = toml::from_str::<TrialOptions>("raets = [1]").expect_err("a misspelt key");
    assert!(error.to_string().contains("raets"), "{error}");
}
