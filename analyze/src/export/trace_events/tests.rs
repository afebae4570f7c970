use super::super::sample;
use super::*;
use events::Match;

fn exported(trial: &Trial) -> (Value, Vec<String>) {
    let mut bytes = Vec::new();
    let mut to = Box::new(TraceEvents::new(&mut bytes).expect("memory can be written"));
    to.add(trial).expect("memory can be written");
    let remarks = to.finish().expect("memory can be written");
    (serde_json::from_slice(&bytes).expect("JSON"), remarks)
}

/// Phase, thread, time and length of all that is drawn in some phases.
fn drawn(trace: &Value, phases: &str) -> Vec<String> {
    let events = trace["traceEvents"].as_array().expect("a list");
    let phase = |event: &&Value| phases.contains(event["ph"].as_str().expect("text"));
    let words = events.iter().filter(phase).map(|event| {
        let field = |name: &str| event.get(name).map(|value| format!(" {name} {value}"));
        let fields = ["tid", "ts", "dur", "id"].map(|name| field(name).unwrap_or_default());
        format!(
            "{}{}",
            event["ph"].as_str().unwrap_or_default(),
            fields.concat()
        )
    });
    words.collect()
}

#[test]
fn events_are_slices_and_certain_messages_flows() {
    let (trace, remarks) = exported(&sample::trial());
    let expected = [
        "X tid 1 ts 0 dur 20000",
        "s tid 1 ts 0 id 1",
        // Without a time: at that of the first event of its machine that has one, in front of it.
        "X tid 2 ts 500000.001 dur 20000",
        "X tid 2 ts 520000.001 dur 20000",
        "f tid 2 ts 520000.001 id 1",
        // Two at one time, one after another.
        "X tid 1 ts 1000000 dur 20000",
        "X tid 1 ts 1020000 dur 20000",
        "X tid 2 ts 1500000 dur 20000",
        "X tid 1 ts 2000000 dur 20000",
    ];
    assert_eq!(drawn(&trace, "Xsf"), expected);
    assert_eq!(remarks.len(), 2, "{remarks:?}");
    let raw = &trace["traceEvents"][6]["args"];
    assert_eq!(raw["time_ns"], "1000000000");
    assert_eq!(raw["to"], json!(["1"]));
    assert_eq!(trace["otherData"]["trials"][0]["start_ns"], "1000000000");
}

#[test]
fn counters_are_drawn_where_they_change() {
    let (trace, _) = exported(&sample::trial());
    let events = trace["traceEvents"].as_array().expect("a list");
    let queue = events
        .iter()
        .filter(|event| event["name"] == "queue of a 1");
    let queue: Vec<(&Value, &Value)> = queue
        .map(|event| (&event["ts"], &event["args"]["messages"]))
        .collect();
    assert_eq!(
        queue,
        [(&json!(0), &json!(0)), (&json!(2_000_000), &json!(1))]
    );
}

#[test]
fn a_log_without_times_is_drawn_in_causal_order() {
    let trial = sample::vectors([&[1, 0], &[2, 0]], [&[2, 1], &[2, 2]]);
    let (trace, remarks) = exported(&trial);
    let expected = [
        "X tid 1 ts 0 dur 1000",
        "X tid 1 ts 1000 dur 1000",
        "s tid 1 ts 1000 id 1",
        "X tid 2 ts 2000 dur 1000",
        "f tid 2 ts 2000 id 1",
        "X tid 2 ts 3000 dur 1000",
    ];
    assert_eq!(drawn(&trace, "Xsf"), expected);
    assert!(
        remarks[0].starts_with("4 events have no time"),
        "{remarks:?}"
    );
}

#[test]
fn a_receive_of_the_same_time_is_drawn_behind_its_send() {
    let mut machines = sample::machines();
    // All within one second, which is all that the log tells of time.
    for event in machines.iter_mut().flat_map(|(_, events)| events) {
        event.time_ns = Some(5_000_000_000);
    }
    let mut matching = sample::matching();
    matching.receives[1][0] = Match::Sent {
        machine: 0,
        event: 1,
    };
    matching.receives[1][1] = Match::Missing;
    let (trace, remarks) = exported(&sample::matched(machines, &matching));
    let expected = ["s tid 1 ts 20000 id 1", "f tid 2 ts 20000 id 1"];
    assert_eq!(drawn(&trace, "sf"), expected);
    assert!(
        remarks[0].starts_with("6 events are drawn later"),
        "{remarks:?}"
    );
}

#[test]
fn no_arrow_points_back_in_time() {
    let mut machines = sample::machines();
    machines[1].1[1].time_ns = Some(900_000_000);
    let (trace, remarks) = exported(&sample::matched(machines, &sample::matching()));
    assert!(drawn(&trace, "sf").is_empty());
    assert!(
        remarks[0].starts_with("1 messages are received before"),
        "{remarks:?}"
    );
}
