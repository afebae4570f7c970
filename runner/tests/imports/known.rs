//! Imports that close a circle, to be mended.

/// The folder of a crate, who imports, and what.
pub(crate) type Known = (&'static str, &'static str, &'static str);

/// Between files, by their modules.
pub(crate) const FILES: &[Known] = &[
    (
        "analyze",
        "formats::guess::code",
        "formats::guess::behaviour",
    ),
    (
        "analyze",
        "formats::guess::roles::clocks",
        "formats::guess::roles",
    ),
    (
        "analyze",
        "formats::guess::roles::counts",
        "formats::guess::roles",
    ),
    (
        "analyze",
        "formats::guess::roles::messages",
        "formats::guess::roles",
    ),
    (
        "analyze",
        "formats::guess::roles::parties",
        "formats::guess::roles",
    ),
    (
        "analyze",
        "formats::guess::roles::parties",
        "formats::guess::writers",
    ),
    (
        "analyze",
        "formats::guess::roles::times",
        "formats::guess::roles",
    ),
    (
        "analyze",
        "formats::guess::standing::facts",
        "formats::guess::standing",
    ),
    (
        "analyze",
        "formats::guess::standing::settle",
        "formats::guess::standing",
    ),
    (
        "analyze",
        "formats::guess::suspect::numbers",
        "formats::guess::suspect",
    ),
    (
        "analyze",
        "formats::guess::vectors::join",
        "formats::guess::vectors",
    ),
    (
        "analyze",
        "formats::guess::words::kinds",
        "formats::guess::words",
    ),
    (
        "analyze",
        "formats::guess::words::weights",
        "formats::guess::words",
    ),
];

/// Between directories, by the names of the modules at the top.
pub(crate) const DIRECTORIES: &[Known] = &[("analyze/laws", "reading", "rules")];
