//! Schedules of faults, by what they try.

/// Nothing happens.
pub(super) const CALM: &str = "";

/// Servers end and stand still at random times.
pub(super) const STORM: &str = r#"
settle = "16s"
storm = [
    { do = ["kill", "power", "pause"], target = "any", every = "2s", for = "0.3s..4s", most = 2 },
]
"#;

/// The power fails at all servers at once, or at a moment in which something is half done.
pub(super) const POWER: &str = r#"
settle = "16s"
storm = [
    { do = ["power"], target = "all", every = "6s", for = "0.2s..2s" },
    { on = ["send:prepare-ok", "send:prepare", "send:send-reply", "send:message", "persist"],
      nth = "1..200", every = "2s", do = ["kill", "power"], target = "any", for = "0.2s..3s" },
]
"#;

/// Servers end in the middle of changes of views.
pub(super) const POINTS: &str = r#"
settle = "16s"
storm = [
    { on = ["send:install", "send:installed", "send:promise", "send:prepare-view", "record:decide", "record:serve"],
      nth = "1..3", every = "1s", do = ["kill", "power", "pause"], target = "any", for = "0.2s..3s" },
    { do = ["kill", "pause"], target = "any", every = "3s", for = "0.3s..3s", most = 2 },
]
"#;

/// Links are silent, one by one and all of a server.
pub(super) const CUTS: &str = r#"
settle = "16s"
storm = [
    { target = ["link any-any", "link any->all", "link all->any", "link any-all"],
      do = ["hold"], every = "2s", for = "0.3s..4s" },
    { do = ["break"], target = ["link any-any", "link any-all"], every = "4s", for = "0.3s..4s" },
    { do = ["kill", "pause"], target = "any", every = "6s", for = "0.3s..3s", most = 1 },
]
"#;

/// One link at a time is silent one way, or a server is mute, or deaf.
pub(super) const ONE_WAY: &str = r#"
settle = "16s"
fault = [
    { at = "4s", do = "hold", target = "link 0->1", for = "2s..4s" },
    { at = "10s", do = "hold", target = "link any->all", for = "2s..4s" },
    { at = "17s", do = "hold", target = "link all->any", for = "2s..4s" },
]
"#;

/// Disks are lost, and servers end.
pub(super) const WIPES: &str = r#"
settle = "16s"
storm = [
    { do = ["wipe"], target = "any", every = "6s", for = "0.2s..2s", most = 1 },
    { do = ["kill", "pause"], target = "any", every = "3s", for = "0.3s..2s", most = 1 },
]
"#;

/// Servers stand still, at times while others end.
pub(super) const STALLS: &str = r#"
settle = "16s"
storm = [
    { do = ["pause"], target = "any", every = "1s", for = "0.2s..3s", most = 2 },
    { do = ["kill"], target = "any", every = "4s", for = "0.3s..2s", most = 1 },
    { do = ["delay"], by = "400ms", target = "link any-any", every = "2s", for = "0.5s..3s" },
]
"#;

/// Clients end, lose their connections and stand still, and servers end too.
pub(super) const CLIENTS: &str = r#"
settle = "16s"
storm = [
    { do = ["kill", "power", "pause"], target = "any client", every = "1s", for = "0.2s..3s" },
    { do = ["break", "hold"], target = "link any client-any", every = "1s", for = "0.1s..3s" },
    { do = ["kill", "power"], target = "any", every = "3s", for = "0.3s..2s", most = 1 },
]
"#;

/// Calendars jump.
pub(super) const CLOCKS: &str = r#"
settle = "16s"
storm = [
    { do = ["clock"], by = "-100s..100s", target = "any", every = "2s", for = "1s..4s" },
    { do = ["kill"], target = "any", every = "4s", for = "0.3s..2s", most = 1 },
]
"#;

/// All of them, with their names.
pub(super) const ALL: [(&str, &str); 10] = [
    ("calm", CALM),
    ("storm", STORM),
    ("power", POWER),
    ("points", POINTS),
    ("cuts", CUTS),
    ("one way", ONE_WAY),
    ("wipes", WIPES),
    ("stalls", STALLS),
    ("clients", CLIENTS),
    ("clocks", CLOCKS),
];
