/* Messages as elements. Every piece of text goes in as text: nothing here ever parses HTML. */
(function () {
  "use strict";

  var LABELS = {
    safety: "Urgent help",
    note: "Safety note, not from the guide",
    referral: "People who can help"
  };
  var SAFE_LINK = /^(https?:\/\/|tel:|sms:)/i;
  var ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]|(?:tel|sms):\+?[\d][\d ()-]*\d/i;

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function link(text, href) {
    if (!SAFE_LINK.test(href)) return document.createTextNode(text);
    var made = element("a", "", text);
    made.href = href;
    if (/^http/i.test(href)) {
      made.target = "_blank";
      made.rel = "noopener noreferrer";
    }
    return made;
  }

  function escaped(text) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }

  /* Numbers and text lines we know become links; other digits stay as they are. */
  function pattern(lines) {
    var known = Object.keys(lines)
      .sort(function (a, b) { return b.length - a.length; })
      .map(function (phone) { return "(^|[^\\d-])(" + escaped(phone) + ")(?![\\d-])"; });
    return new RegExp([ADDRESS.source].concat(known).join("|"), "i");
  }

  function addLinked(parent, text, find, lines) {
    var match;
    while (text && (match = find.exec(text))) {
      var groups = match.slice(1).filter(function (g) { return g !== undefined; });
      var before = groups.length ? groups[0] : "";
      var shown = groups.length ? groups[1] : match[0];
      parent.appendChild(document.createTextNode(text.slice(0, match.index) + before));
      parent.appendChild(link(shown, groups.length ? lines[shown] : shown));
      text = text.slice(match.index + before.length + shown.length);
    }
    if (text) parent.appendChild(document.createTextNode(text));
  }

  /* **bold** becomes strong; everything else is text and links. */
  function addInline(parent, text, find, lines) {
    text.split(/(\*\*[^*\n]+\*\*)/).forEach(function (piece) {
      if (/^\*\*[^*\n]+\*\*$/.test(piece)) {
        var strong = element("strong");
        addLinked(strong, piece.slice(2, -2), find, lines);
        parent.appendChild(strong);
      } else {
        addLinked(parent, piece, find, lines);
      }
    });
  }

  /* Blank lines part paragraphs; lines that start with "- " or "• " are list items. */
  function addText(parent, text, lines) {
    var find = pattern(lines);
    var open = null;
    text.split(/\r?\n/).forEach(function (line) {
      var item = /^\s*[-\u2022]\s+(.*)$/.exec(line);
      if (!line.trim()) {
        open = null;
        return;
      }
      var wanted = item ? "UL" : "P";
      if (!open || open.tagName !== wanted) {
        open = parent.appendChild(element(wanted.toLowerCase()));
      } else if (!item) {
        open.appendChild(element("br"));
      }
      if (item) {
        addInline(open.appendChild(element("li")), item[1], find, lines);
      } else {
        addInline(open, line, find, lines);
      }
    });
  }

  /* A reply: label, text, buttons, where it comes from. `lines`: what is shown -> its link, for every number and
     text line we know. `press` is called with {title, payload}. */
  function reply(message, lines, press) {
    var about = message.metadata || {};
    var kind = /^[a-z]+$/.test(about.kind || "") ? about.kind : "answer";
    var bubble = element("article", "bubble theirs kind-" + kind);
    bubble.appendChild(element("span", "unseen", "Harbour: "));
    var text = String(message.text || "");
    var label = LABELS[kind];
    var own = /^\*\*([^*\n]+?):?\*\*:?\s*/.exec(text); /* a note brings its label with it */
    if (kind === "note" && own) {
      label = own[1];
      text = text.slice(own[0].length);
    }
    if (label) bubble.appendChild(element("strong", "label", label));
    addText(bubble, text, lines);
    var section = about.section_title || about.section;
    if (section) bubble.appendChild(element("p", "source", "From the guide: " + section));
    var choices = message.quick_replies || [];
    if (choices.length) {
      var row = bubble.appendChild(element("div", "choices"));
      choices.forEach(function (choice) {
        var button = row.appendChild(element("button", "", choice.title));
        button.type = "button";
        button.addEventListener("click", function () {
          if (button.getAttribute("aria-disabled") === "true") return;
          button.setAttribute("aria-disabled", "true"); /* stays focusable, sends once */
          press(choice);
        });
      });
    }
    return bubble;
  }

  /* What the visitor wrote, exactly as typed. */
  function mine(text) {
    var bubble = element("article", "bubble mine");
    bubble.appendChild(element("span", "unseen", "You: "));
    bubble.appendChild(element("p", "typed", text));
    return bubble;
  }

  window.HarbourRender = { element: element, reply: reply, mine: mine };
})();
