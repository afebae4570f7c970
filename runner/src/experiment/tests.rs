use std::fs;

use event_log::{Drain, Odds, OnDisconnect, RateRule};

use super::draft::Draft;
use super::expand::{Choices, Drivers, Surroundings};
use super::file::read;
use super::record::Record;
use super::*;

const SURROUNDINGS: Surroundings = Surroundings {
    seed: 42,
    processors: 8,
};

fn written(text: &str) -> Result<Draft, ExperimentError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("sweep.toml");
    fs::write(&file, text).expect("a file");
    read(&file)
}

fn experiment(text: &str, drivers: Drivers) -> Result<Experiment, ExperimentError> {
    let choices = Choices {
        drivers,
        ..Choices::default()
    };
    Experiment::new(
        Path::new("sweep.toml"),
        written(text)?,
        choices,
        SURROUNDINGS,
    )
}

fn valid(text: &str, drivers: Drivers) -> Experiment {
    experiment(text, drivers).expect("the test's own experiment")
}

fn labels(experiment: &Experiment) -> Vec<&str> {
    let conditions = experiment.conditions.iter();
    conditions.map(|named| named.label.as_str()).collect()
}

#[test]
fn a_grid_is_every_combination_in_the_order_of_the_file() {
    let text =
        "count = 3\n[grid]\nsides = [10, 20]\nrates = [[1, 3, 6], [2.5, 2]]\ndrain = ['all']";
    let experiment = valid(text, Drivers::Virtual);
    let expected = [
        "sides 10 · rates 1,3,6 · drain all",
        "sides 10 · rates 2.5,2 · drain all",
        "sides 20 · rates 1,3,6 · drain all",
        "sides 20 · rates 2.5,2 · drain all",
    ];
    assert_eq!(labels(&experiment), expected);
    let last = &experiment.conditions[3].config.condition;
    assert_eq!((last.odds, last.drain), (Odds::Sides(20), Drain::All));
    assert_eq!(last.machines, 2);
    assert_eq!(experiment.name, "sweep", "the file's own name");
    assert_eq!((experiment.count(), experiment.seed), (12, 42));
}

#[test]
fn a_list_is_crossed_with_the_grid_and_overrides_the_base() {
    let text = "[base]\nrates = [1, 3, 6]\ninternal = 0.9\nduration = '5s'\n\
        [[condition]]\nlabel = 'wide'\nrate_range = '1..6'\n[[condition]]\nphase = 'aligned'\n[[condition]]\n\
        [grid]\nsides = [10, 40]";
    let experiment = valid(text, Drivers::AsWritten);
    let expected = [
        "wide · sides 10",
        "wide · sides 40",
        "phase aligned · sides 10",
        "phase aligned · sides 40",
        "base · sides 10",
        "base · sides 40",
    ];
    assert_eq!(labels(&experiment), expected);
    let wide = &experiment.conditions[1].config.condition;
    assert_eq!(
        (&wide.rates, wide.odds),
        (&RateRule::Range(1, 6), Odds::Sides(40))
    );
    for named in &experiment.conditions {
        assert_eq!(named.config.condition.duration_ns, 5_000_000_000);
        assert_eq!(named.config.condition.driver, Driver::Sockets);
    }
}

#[test]
fn both_drivers_take_from_the_base_what_each_knows() {
    let text = "[base]\nlatency = '5ms'\nspeed = 60\non_disconnect = 'reconnect'\n[grid]\ndrain = ['one', 'all']";
    let experiment = valid(text, Drivers::Both);
    let expected = [
        "drain one · sockets",
        "drain one · virtual time",
        "drain all · sockets",
        "drain all · virtual time",
    ];
    assert_eq!(labels(&experiment), expected);
    let sockets = &experiment.conditions[0].config.condition;
    let virtual_time = &experiment.conditions[1].config.condition;
    assert_eq!(
        (sockets.driver, sockets.speed, sockets.latency),
        (Driver::Sockets, 60.0, None)
    );
    assert_eq!(sockets.on_disconnect, Some(OnDisconnect::Reconnect));
    assert_eq!(
        (virtual_time.driver, virtual_time.speed),
        (Driver::Virtual, 1.0)
    );
    assert_eq!(
        virtual_time.latency.map(|latency| latency.max_ns),
        Some(5_000_000)
    );
    assert_eq!(experiment.driver(), Driver::Sockets);
    assert_eq!(
        experiment.socket_jobs(),
        Some(20),
        "all trials that there are"
    );
}

#[test]
fn what_cannot_be_obeyed_names_file_and_key() {
    use Drivers::{AsWritten, Both, Sockets, Virtual};
    let grid = "[grid]\ninternal = [0, 0.5]\n";
    let cases: [(&str, Drivers, &[&str]); 24] = [
        ("count = 3", Virtual, &["[[condition]]", "[grid]"]),
        ("[grid]", Virtual, &["[grid]", "empty"]),
        ("[grid]\nsides = []", Virtual, &["sides", "empty"]),
        ("[grid]\nsides = 10", Virtual, &["sides", "list", "10"]),
        (
            "[grid]\nrates = [1, 3, 6]",
            Virtual,
            &["rates", "[[1, 3, 6]"],
        ),
        ("[grid]\ncolour = ['red']", Virtual, &["[grid]", "colour"]),
        ("[base]\ncolour = 'red'", Virtual, &["condition"]),
        (
            &format!("[base]\ncolour = 'red'\n{grid}"),
            Virtual,
            &["[base]", "colour"],
        ),
        (
            &format!("colour = 1\n{grid}"),
            Virtual,
            &["colour", "line 1"],
        ),
        (
            "[[condition]]\n[[condition]]\ncolour = 1",
            Virtual,
            &["[[condition]] 2", "colour"],
        ),
        (
            "[[condition]]\nlabel = 3",
            Virtual,
            &["[[condition]] 1", "label"],
        ),
        (
            &format!("[base]\ncount = 3\n{grid}"),
            Virtual,
            &["[base]", "count", "top"],
        ),
        ("[grid]\nseed = [1, 2]", Virtual, &["[grid]", "seed", "top"]),
        (
            "[[condition]]\nname = 'a'",
            Virtual,
            &["[[condition]] 1", "name", "top"],
        ),
        (
            "[[condition]]\njobs = 2",
            Virtual,
            &["[[condition]] 1", "jobs", "top"],
        ),
        (
            "[base]\nout = 'x'\n[[condition]]",
            Virtual,
            &["[base]", "out", "top"],
        ),
        (
            "[grid]\ninternal = [0.5, 1.5]",
            Virtual,
            &["internal 1.5", "0 to 1"],
        ),
        (
            "[grid]\ninternal = [0.5, 0.50]",
            Virtual,
            &["internal 0.5", "identical"],
        ),
        (
            "[[condition]]\nlabel = 'x'\n[[condition]]\nlabel = 'x'\nsides = 30",
            Virtual,
            &["label", "`x`"],
        ),
        (
            &format!("count = 0\n{grid}"),
            Virtual,
            &["count", "0 trials"],
        ),
        (
            &format!("[base]\nspeed = 9\n{grid}"),
            Virtual,
            &["internal 0", "speed"],
        ),
        (
            "[grid]\nlatency = ['1ms', '2ms']",
            Both,
            &["latency 1ms · sockets", "--latency"],
        ),
        (
            "[grid]\nvirtual = [true, false]",
            Sockets,
            &["virtual", "--sockets"],
        ),
        (
            "[grid]\nrates = [[1, 2]]\nrate_range = ['1..6']",
            AsWritten,
            &["rate_range", "not both"],
        ),
    ];
    for (text, drivers, named) in cases {
        let error = experiment(text, drivers).expect_err(text).to_string();
        assert!(error.contains("sweep.toml: "), "{text}: {error}");
        for word in named {
            assert!(error.contains(word), "{text}: `{word}` in {error}");
        }
        let of_condition = named[0].starts_with('[');
        assert!(!of_condition || !error.contains("`seed`"), "{error}");
    }
}

#[test]
fn each_design_takes_its_own_addresses_from_the_base() {
    let text = "[base.hub]\nport = 7000\n[[base.machine]]\nport = 8000\n[[base.machine]]\n[grid]\ndesign = ['mesh', 'hub']";
    for drivers in [Drivers::AsWritten, Drivers::Both] {
        for named in valid(text, drivers).conditions {
            let ports: Vec<u16> = named
                .config
                .listen_addrs()
                .values()
                .map(|listen_addr| listen_addr.port)
                .collect();
            let expected: &[u16] = match named.config.hub {
                Some(_) => &[7000],
                None => &[8000, 0],
            };
            assert_eq!(ports, expected, "{}", named.label);
        }
    }
}

#[test]
fn the_file_may_choose_the_driver_as_a_factor() {
    let experiment = valid("[grid]\nvirtual = [true, false]", Drivers::AsWritten);
    let drivers: Vec<Driver> = experiment
        .conditions
        .iter()
        .map(|named| named.config.condition.driver)
        .collect();
    assert_eq!(drivers, [Driver::Virtual, Driver::Sockets]);
}

#[test]
fn the_command_line_overrides_the_file() {
    let text = "name = 'mine'\ncount = 9\nseed = 1\njobs = 2\nout = 'a'\n[base]\nvirtual = true\n[[condition]]";
    let choices = Choices {
        drivers: Drivers::Sockets,
        count: Some(3),
        seed: Some(8),
        jobs: Some(1),
        out: Some("b".into()),
    };
    let draft = written(text).expect("valid");
    let file = Path::new("sweep.toml");
    let experiment = Experiment::new(file, draft, choices, SURROUNDINGS).expect("valid");
    assert_eq!((experiment.count(), experiment.seed), (3, 8));
    assert_eq!(experiment.socket_jobs(), Some(1));
    assert_eq!(
        (experiment.out.as_path(), experiment.name.as_str()),
        (Path::new("b"), "mine")
    );
}

#[test]
fn what_is_stored_gives_the_same_experiment() {
    let texts = [
        (
            "question = 'why?'\n[grid]\ninternal = [0.1, 0.2]\nrates = [[1, 3, 6]]",
            Drivers::Virtual,
        ),
        (
            "jobs = 2\n[base]\nspeed = 30\n[[condition]]\nlabel = 'a'\n[[condition]]\ndrain = 'all'",
            Drivers::Both,
        ),
    ];
    for (text, drivers) in texts {
        let first = valid(text, drivers);
        let json = serde_json::to_string(&Record::from(&first)).expect("plain data");
        let record: Record = serde_json::from_str(&json).expect("its own form");
        assert_eq!(
            record.count,
            first.count(),
            "what readers take for the number of trials"
        );
        let draft = Draft::from(record);
        let surroundings = Surroundings {
            seed: 0,
            ..SURROUNDINGS
        };
        let again = Experiment::new(
            Path::new("run.json"),
            draft,
            Choices::default(),
            surroundings,
        )
        .expect("valid before");
        assert_eq!(again.conditions.len(), first.conditions.len());
        for (again, first) in again.conditions.iter().zip(&first.conditions) {
            assert_eq!(again.label, first.label);
            assert_eq!(again.config.condition, first.config.condition);
            assert_eq!(again.config.machines, first.config.machines);
        }
        assert_eq!(
            (
                again.seed,
                again.count(),
                again.socket_jobs(),
                &again.question
            ),
            (
                first.seed,
                first.count(),
                first.socket_jobs(),
                &first.question
            )
        );
    }
}

#[test]
fn every_trial_follows_its_own_condition_under_the_seed_of_the_run() {
    let text = "count = 4\nseed = 5\n[grid]\ninternal = [0.1, 0.2, 0.3]";
    let experiment = valid(text, Drivers::Virtual);
    let plans: Vec<_> = experiment.tasks().iter().map(TrialTask::plan).collect();
    assert_eq!(plans.len(), 12);
    for ((plan, number), condition) in plans.iter().zip(0..).zip(experiment.order()) {
        assert_eq!((plan.trial, plan.seed), (number, 5));
        let config = &experiment.conditions[condition].config;
        assert_eq!(plan.condition, config.condition);
    }
}
