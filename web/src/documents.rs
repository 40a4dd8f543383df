//! The documents of the project, as this program was built with them.

use askama::Template;
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use crate::error::not_found;
use crate::language::Language;
use crate::shell::{Place, Shell, page};

/// A document in Markdown.
#[derive(Debug)]
pub struct Document {
    /// The name of its file, which no two share.
    pub name: &'static str,
    text: &'static str,
}

/// Those who operate it and read its figures first.
const DOCUMENTS: [Document; 11] = [
    document("README.md", include_str!("../../README.md")),
    document("README.pt-BR.md", include_str!("../../README.pt-BR.md")),
    document("OPERATIONS.md", include_str!("../../docs/OPERATIONS.md")),
    document("DOMAIN.md", include_str!("../../docs/DOMAIN.md")),
    document("MIGRATING.md", include_str!("../../docs/MIGRATING.md")),
    document(
        "MIGRATING.pt-BR.md",
        include_str!("../../docs/MIGRATING.pt-BR.md"),
    ),
    document("KUBERNETES.md", include_str!("../../docs/KUBERNETES.md")),
    document("RELIABILITY.md", include_str!("../../docs/RELIABILITY.md")),
    document("PERFORMANCE.md", include_str!("../../docs/PERFORMANCE.md")),
    document(
        "ARCHITECTURE.md",
        include_str!("../../docs/ARCHITECTURE.md"),
    ),
    document("CHANGELOG.md", include_str!("../../CHANGELOG.md")),
];

const fn document(name: &'static str, text: &'static str) -> Document {
    Document { name, text }
}

#[derive(Template)]
#[template(path = "document.html")]
struct Shown {
    shell: Shell,
    document: &'static Document,
}

/// `GET /documents/NAME`.
pub async fn one(Extension(shell): Extension<Shell>, Path(name): Path<String>) -> Response {
    match find(&name) {
        Some(document) => {
            let shell = shell.at(Place::About);
            page(StatusCode::OK, &Shown { shell, document })
        }
        None => not_found(Extension(shell)).await,
    }
}

/// The documents for a reader of a language: English ones where there is no other.
pub fn for_readers_of(language: Language) -> impl Iterator<Item = &'static Document> {
    DOCUMENTS.iter().filter(move |document| match language {
        Language::English => document.language() == Language::English,
        Language::Portuguese => {
            document.language() == language
                || find(&document.name.replace(".md", ".pt-BR.md")).is_none()
        }
    })
}

fn find(name: &str) -> Option<&'static Document> {
    DOCUMENTS.iter().find(|document| document.name == name)
}

impl Document {
    /// The language it is written in.
    pub fn language(&self) -> Language {
        match self.name.ends_with(".pt-BR.md") {
            true => Language::Portuguese,
            false => Language::English,
        }
    }

    /// Its first line.
    pub fn title(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches("# ")
    }

    /// As a part of a page. Pictures, and links to what is not among the documents, are left out.
    fn html(&self) -> String {
        let events: Vec<_> = Parser::new_ext(self.text, Options::ENABLE_TABLES).collect();
        let (mut in_picture, mut link_is_shown) = (false, true);
        let mut shown = Vec::with_capacity(events.len());
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Start(Tag::Image { .. }) => in_picture = true,
                Event::End(TagEnd::Image) => in_picture = false,
                // Comments for the scripts that write the figures.
                Event::Html(_) | Event::InlineHtml(_) => {}
                _ if in_picture => {}
                Event::Start(Tag::Link {
                    dest_url,
                    link_type,
                    title,
                    id,
                }) => match address(dest_url) {
                    Some(address) => shown.push(Event::Start(Tag::Link {
                        dest_url: address.into(),
                        link_type: *link_type,
                        title: title.clone(),
                        id: id.clone(),
                    })),
                    None => link_is_shown = false,
                },
                Event::End(TagEnd::Link) if !link_is_shown => link_is_shown = true,
                Event::Start(Tag::Heading {
                    level,
                    classes,
                    attrs,
                    ..
                }) => {
                    shown.push(Event::Start(Tag::Heading {
                        level: *level,
                        id: Some(anchor(&events[at + 1..]).into()),
                        classes: classes.clone(),
                        attrs: attrs.clone(),
                    }));
                }
                Event::Start(Tag::Table(_)) => {
                    let wide = r#"<div class="scroll" tabindex="0">"#;
                    shown.extend([Event::Html(wide.into()), event.clone()]);
                }
                Event::End(TagEnd::Table) => {
                    shown.extend([event.clone(), Event::Html("</div>".into())]);
                }
                other => shown.push(other.clone()),
            }
        }
        let mut text = String::with_capacity(2 * self.text.len());
        html::push_html(&mut text, shown.into_iter());
        text
    }
}

/// Where a link of a document leads to on the page.
fn address(link: &str) -> Option<String> {
    if link.starts_with('#') || link.starts_with("https://") {
        return Some(link.to_owned());
    }
    let (file, fragment) = match link.split_once('#') {
        Some((file, fragment)) => (file, format!("#{fragment}")),
        None => (link, String::new()),
    };
    let name = file.rsplit('/').next()?;
    let document = find(name)?;
    Some(format!("/documents/{}{fragment}", document.name))
}

/// What links call a heading, which begins here: its words in lower case with hyphens between them.
fn anchor(events: &[Event<'_>]) -> String {
    let inside = events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let words: String = inside
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(&**text),
            _ => None,
        })
        .collect();
    let words = words.to_lowercase();
    let kept = words.chars().filter_map(|one| match one {
        ' ' => Some('-'),
        one => (one.is_alphanumeric() || matches!(one, '-' | '_')).then_some(one),
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_has_a_title_and_only_links_that_lead_somewhere() {
        for document in &DOCUMENTS {
            let html = document.html();
            assert!(html.starts_with("<h1 id="), "{}", document.name);
            assert!(!document.title().is_empty(), "{}", document.name);
            assert!(
                !html.contains("<img") && !html.contains("<!--"),
                "{}",
                document.name
            );
            for link in html.split("href=\"").skip(1) {
                let link = link.split('"').next().unwrap_or_default();
                let Some(path) = link.strip_prefix("/documents/") else {
                    assert!(link.starts_with(['#', 'h']), "{}: {link}", document.name);
                    continue;
                };
                let (name, fragment) = path.split_once('#').unwrap_or((path, ""));
                let target = find(name).map(Document::html).unwrap_or_default();
                let there = format!("id=\"{fragment}\"");
                assert!(
                    fragment.is_empty() || target.contains(&there),
                    "{}: {link}",
                    document.name
                );
                assert!(!target.is_empty(), "{}: {link}", document.name);
            }
        }
    }

    #[test]
    fn a_reader_gets_each_document_once() {
        let names = |language| {
            for_readers_of(language)
                .map(|one| one.name)
                .collect::<Vec<_>>()
        };
        let (portuguese, english) = (names(Language::Portuguese), names(Language::English));
        assert_eq!(portuguese.len(), english.len());
        assert!(portuguese.contains(&"README.pt-BR.md") && !portuguese.contains(&"README.md"));
        assert!(english.contains(&"README.md") && portuguese.contains(&"OPERATIONS.md"));
    }
}
