use std::path::Path;

use super::browser::Browser;

/// Those that docs/admin.md shows; `light` and `dark` behind the width that they are taken at.
const SHOWN: [(&str, &[(u32, &str)]); 4] = [
    ("timeline", &[(1280, "light"), (1280, "dark"), (390, "light")]),
    ("plan", &[(1280, "light"), (390, "light")]),
    ("job", &[(1280, "light"), (390, "light")]),
    ("drift", &[(1280, "light"), (390, "light")]),
];

/// No page is wider than the screen, nor anything in it unsound. The pictures are taken again where `HARDTACK_TEST_OVERWRITE` says so; all pages, where
/// `HARDTACK_TEST_PICTURES` names a directory.
pub(super) async fn take(browser: &Browser, name: &str) {
    let shown = SHOWN.iter().find(|(shown, _)| *shown == name).map_or(&[][..], |(_, sizes)| sizes);
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    let all = std::env::var_os("HARDTACK_TEST_PICTURES");
    for (width, scheme) in [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")] {
        let height = if width < 500 { 844 } else { 860 };
        browser.look(width, height, scheme).await;
        let seen = browser.script("return document.documentElement.scrollWidth").await;
        assert!(seen.as_u64().unwrap() <= u64::from(width), "{name} is {seen} wide on {width}");
        let faults = browser.script(include_str!("sound.js")).await;
        assert_eq!(faults, serde_json::json!([]), "{name}, {width} wide, {scheme}");
        let file = format!("admin-{name}-{width}-{scheme}.png");
        if shown.contains(&(width, scheme)) && std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some() {
            std::fs::create_dir_all(&images).unwrap();
            std::fs::write(images.join(&file), browser.picture().await).unwrap();
        }
        if let Some(all) = &all {
            std::fs::write(Path::new(all).join(&file), browser.picture().await).unwrap();
            let page = browser.script("return document.documentElement.outerHTML").await;
            std::fs::write(Path::new(all).join(format!("{name}.html")), page.as_str().unwrap()).unwrap();
        }
    }
    browser.look(1280, 860, "light").await;
}
