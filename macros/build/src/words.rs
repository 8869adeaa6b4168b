/// The words of a statement that are still to be read.
pub(crate) struct Words<'a> {
    all: &'a [String],
    at: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn new(all: &'a [String]) -> Self {
        Self { all, at: 0 }
    }

    /// Those that are left.
    pub(crate) fn rest(&self) -> &'a [String] {
        &self.all[self.at..]
    }

    /// The word before the next one; empty at the start.
    pub(crate) fn before(&self) -> &'a str {
        self.at.checked_sub(1).and_then(|place| self.all.get(place)).map_or("", String::as_str)
    }

    /// The place of the next word in its statement.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Goes to a place.
    pub(crate) fn go_to(&mut self, place: usize) {
        self.at = place.min(self.all.len());
    }

    pub(crate) fn starts(&self, words: &[&str]) -> bool {
        let rest = self.rest();
        rest.len() >= words.len() && rest.iter().zip(words).all(|(word, wanted)| word == wanted)
    }

    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let starts = self.starts(words);
        if starts {
            self.at += words.len();
        }
        starts
    }

    /// Takes one of those words.
    pub(crate) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(&[word]))
    }

    /// Whether a word is among those that are left.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.rest().iter().any(|other| other == word)
    }

    /// Goes behind the next such word; false, and nowhere, where there is none.
    pub(crate) fn skip_behind(&mut self, word: &str) -> bool {
        let place = self.rest().iter().position(|other| other == word);
        self.at += place.map_or(0, |place| place + 1);
        place.is_some()
    }

    /// A name with its qualifiers, `app."Files"`.
    pub(crate) fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        loop {
            let word = self.all.get(self.at)?;
            // Upper case is the splitter's; an unquoted name is one with its lower case.
            let is_quoted = word.starts_with('"');
            name += &if is_quoted { word.clone() } else { word.to_ascii_lowercase() };
            self.at += 1;
            if !self.eat(&["."]) {
                return Some(name);
            }
            name.push('.');
        }
    }

    /// Names between commas.
    pub(crate) fn names(&mut self) -> Vec<String> {
        self.eat(&["IF", "EXISTS"]);
        let mut names = Vec::new();
        loop {
            self.eat(&["ONLY"]);
            names.extend(self.name());
            self.eat(&["*"]);
            if !self.eat(&[","]) {
                return names;
            }
        }
    }

    /// The table of an `ALTER TABLE`, from behind these words.
    pub(crate) fn altered_table(&mut self) -> Option<String> {
        self.eat(&["IF", "EXISTS"]);
        self.eat(&["ONLY"]);
        let table = self.name();
        self.eat(&["*"]);
        table
    }

    /// `ALTER [COLUMN] name [SET DATA] TYPE`.
    pub(crate) fn changes_type(&mut self) -> bool {
        if !self.eat(&["ALTER"]) {
            return false;
        }
        self.eat(&["COLUMN"]);
        let is_column = self.name().is_some();
        self.eat(&["SET", "DATA"]);
        is_column && self.starts(&["TYPE"])
    }

    /// Goes behind the next comma outside parentheses; false where there is none.
    pub(crate) fn skip_to_comma(&mut self) -> bool {
        let comma = outside_parentheses(self.rest()).find(|(_, word)| *word == ",");
        self.at += comma.map_or(0, |(place, _)| place + 1);
        comma.is_some()
    }

    /// The words up to the next comma outside parentheses.
    pub(crate) fn action(&self) -> &'a [String] {
        let rest = self.rest();
        let end = outside_parentheses(rest).find(|(_, word)| *word == ",").map_or(rest.len(), |(end, _)| end);
        &rest[..end]
    }
}

/// The words that stand in no parentheses, with their places.
pub(crate) fn outside_parentheses(words: &[String]) -> impl Iterator<Item = (usize, &str)> {
    let mut depth = 0_usize;
    words.iter().enumerate().filter_map(move |(place, word)| {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if depth == 0 => return Some((place, word)),
            _ => {}
        }
        None
    })
}
