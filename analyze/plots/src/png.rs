//! SVG to PNG, for places that take no SVG.
//!
//! Text is drawn with the DejaVu Sans that comes with the program, so the picture is the same on a machine that has
//! no fonts at all.

use resvg::{tiny_skia, usvg};

/// The picture as a PNG file, or why there is none.
pub fn encode(svg: &str) -> Result<Vec<u8>, String> {
    let mut options = usvg::Options {
        font_family: "DejaVu Sans".to_owned(),
        ..usvg::Options::default()
    };
    let fonts = options.fontdb_mut();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| format!("no picture of {} by {}", size.width(), size.height()))?;
    resvg::render(&tree, tiny_skia::Transform::default(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::canvas::{Align, Type, paint};

    #[test]
    fn text_is_drawn_without_fonts_of_the_system() {
        let svg = |text: &str| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"40\">\
                 <text x=\"5\" y=\"30\" font-family=\"DejaVu Sans, Arial\" font-size=\"24\">{text}</text></svg>"
            )
        };
        let with = encode(&svg("M2 · 6 Hz")).expect("a valid SVG");
        let without = encode(&svg("")).expect("a valid SVG");
        assert!(with.starts_with(b"\x89PNG"));
        assert!(with.len() > without.len(), "the text left no trace");
        assert!(encode("<svg").is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_picture(text in prop_oneof![any::<String>(), "[\u{0}-\u{ff}<&\"'\u{fffe}\u{202e}]{0,20}"]) {
            let paint = |text: &str| {
                let how = Type { size: 20, bold: false, color: (0, 0, 0), align: Align::Left };
                paint(text, text, |canvas| canvas.text(text, (10, 10), how))
            };
            let elements = |svg: &str| {
                let tree = usvg::roxmltree::Document::parse(svg).expect("well-formed XML");
                let texts = tree.descendants().filter(|node| node.is_text());
                let texts: String = texts.filter_map(|node| node.text()).collect();
                let is_obeyed = |letter: char| letter.is_control() && letter != '\n';
                assert!(!texts.contains(is_obeyed), "{texts:?}");
                tree.descendants().filter(|node| node.is_element()).count()
            };
            prop_assert_eq!(elements(&paint(&text)), elements(&paint("plain")));
        }
    }
}
