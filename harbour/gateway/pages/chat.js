/* The conversation: one socket, one log, one queue of what is not stored yet. */
(function () {
  "use strict";

  var MAX_BYTES = 8 * 1024;
  var KEY = "harbour.session"; /* the signed token: all that is kept in the browser, until the tab closes */
  var ACK_MS = 10000;
  var BANNER_AFTER_MS = 1200;
  var AWAY =
    "No connection just now. The phone numbers below still work. " +
    "What you write is kept here and sent when the connection is back.";

  var render = window.HarbourRender;
  var at = function (id) { return document.getElementById(id); };
  var log = at("log");
  var scroller = at("scroller");
  var box = at("message");
  var picker = at("country");
  var countries = JSON.parse(at("countries").textContent);
  var lines = knownLines();

  var token = readToken();
  var open = false; /* the server confirmed the session and sent the history */
  var opening = true;
  var chosen = null; /* a country the visitor picked, until the server has it */
  var given = new URLSearchParams(location.search).get("country"); /* the site's word for a new conversation */
  var queue = []; /* sent by the visitor, not yet stored by the server */
  var seen = {}; /* ids of replies and of our own messages that are shown */
  var lastUnkept = ""; /* text of the last reply that the server could not store */
  var following = true; /* the reader is at the end of the log */
  var lastMine = null;
  var bannerTimer = null;
  var typingTimer = null;

  function readToken() {
    try { return sessionStorage.getItem(KEY); } catch (error) { return null; } /* storage may be off */
  }

  function keepToken(value) {
    token = value;
    try { sessionStorage.setItem(KEY, value); } catch (error) { /* then a reload starts anew */ }
  }

  function newId() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (b) { return (b + 256).toString(16).slice(1); }).join("");
  }

  /* ---- country and contacts ---- */

  /* What is shown -> the link that calls or texts it. Where one number does both, the call comes first. */
  function knownLines() {
    var calls = {}, texts = {};
    countries.forEach(function (country) {
      calls[country.emergency.phone] = country.emergency.tel;
      country.crisis.concat(country.drugs).forEach(function (c) {
        if (c.phone) calls[c.phone] = c.tel;
        if (c.text) texts[c.text] = c.sms;
      });
    });
    return Object.assign(texts, calls);
  }

  /* No code: nobody knows yet where the visitor is, and the site's own country comes first. */
  function showCountry(code) {
    var country = countries.filter(function (c) { return c.code === (code || countries[0].code); })[0];
    if (!country) return;
    picker.value = code || "";
    var danger = at("danger");
    danger.href = country.emergency.tel;
    fill(danger, "In danger?", "Call", country.emergency.phone, country.emergency.or && " or " + country.emergency.or);
    var talk = country.crisis.filter(function (c) { return c.phone; })[0] || country.crisis[0];
    var link = at("talk");
    link.hidden = !talk;
    if (!talk) return;
    link.href = talk.tel || talk.url;
    link.rel = "noreferrer";
    fill(link, "Need to talk?", talk.name, talk.name.split(" ").indexOf(talk.phone) < 0 ? talk.phone : "", "");
  }

  /* The same spans as in the page: a number is never broken over two lines. */
  function fill(link, ask, name, number, more) {
    var line = link.firstElementChild;
    line.textContent = "";
    line.appendChild(render.element("span", "ask", ask));
    line.appendChild(document.createTextNode(" " + name + " "));
    line.appendChild(render.element("span", "number", number));
    line.appendChild(document.createTextNode(more || ""));
  }

  /* ---- the log ---- */

  function nearEnd() {
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  }

  /* As far down as we go by ourselves: the end, but never past the visitor's own last message, and not
     at all before they wrote one. Answers are read from their start. */
  function place() {
    var end = scroller.scrollHeight - scroller.clientHeight;
    return Math.max(0, Math.min(end, lastMine ? lastMine.offsetTop - scroller.offsetTop - 8 : 0));
  }

  function follow() {
    scroller.scrollTop = place();
  }

  function append(bubble) {
    log.appendChild(bubble);
    if (following) follow();
  }

  function addReply(message) {
    var id = message.metadata && message.metadata.id;
    if (id) {
      if (seen["out" + id]) return;
      seen["out" + id] = true;
    } else {
      if (message.text === lastUnkept) return; /* the same apology for a retry says nothing new */
      lastUnkept = message.text;
    }
    append(render.reply(message, lines, press));
    setTyping(false);
  }

  function addMine(text, id) {
    var bubble = render.mine(text);
    if (id) seen["in" + id] = true;
    lastMine = bubble;
    append(bubble);
    return bubble;
  }

  function setState(bubble, text) {
    var line = bubble.querySelector(".state");
    if (!line && text) line = bubble.appendChild(render.element("p", "state"));
    if (line && text) line.textContent = text;
    if (line && !text) line.remove();
  }

  function setTyping(on) {
    at("typing").hidden = !on;
    clearTimeout(typingTimer);
    if (on) {
      typingTimer = setTimeout(function () { setTyping(false); }, 20000);
      if (following) follow();
    }
  }

  function setAway(away) {
    clearTimeout(bannerTimer);
    var banner = at("banner");
    if (!away) {
      banner.hidden = true;
      banner.textContent = "";
    } else if (banner.hidden) {
      bannerTimer = setTimeout(function () {
        banner.hidden = false;
        banner.textContent = AWAY;
      }, BANNER_AFTER_MS);
    }
  }

  /* ---- sending ---- */

  function send(text, button) {
    var item = { id: newId(), text: text, button: button, flying: false, tries: 0 };
    following = true;
    item.bubble = addMine(text, item.id);
    setState(item.bubble, open ? "Sending" : "Waiting for connection");
    queue.push(item);
    flush();
  }

  function press(choice) {
    send(choice.title, choice.payload);
    box.focus();
  }

  /* One at a time and in order; the id makes a repeat harmless. */
  function flush() {
    var item = queue[0];
    if (!open || !item || item.flying) return;
    item.flying = true;
    item.tries += 1;
    var body = { message: item.text, session_id: token, id: item.id, country: chosen || "" };
    if (item.button) body.button = item.button;
    socket.timeout(ACK_MS).emit("user_uttered", body, function (error, receipt) {
      item.flying = false;
      if (queue[0] !== item) return; /* the history told us first */
      if (!error && receipt && (receipt.stored || receipt.refused)) {
        queue.shift();
        setState(item.bubble, receipt.stored ? "" : "Not sent");
        if (receipt.stored) lastUnkept = "";
        flush();
      } else {
        setState(item.bubble, "Not sent yet, trying again");
        setTimeout(flush, Math.min(60000, 4000 * item.tries));
      }
    });
  }

  function submit() {
    var text = box.value.trim();
    var hint = at("hint");
    hint.textContent = "";
    if (!text) {
      hint.textContent = "Type your question first.";
    } else if (new TextEncoder().encode(text).length > MAX_BYTES) {
      hint.textContent = "That is too long to send at once. Please shorten it or send it in parts.";
    } else {
      box.value = "";
      fit();
      send(text);
    }
    box.focus();
  }

  function fit() {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight + 4, window.innerHeight * 0.3) + "px";
  }

  /* ---- what the server says ---- */

  function addHistory(history) {
    var messages = (history && history.messages) || [];
    /* Not a word of what is on the page is known to the server: it opened another conversation. */
    var others = Object.keys(seen).length > queue.length && !messages.some(function (m) {
      return seen[m.direction === "in" ? "in" + key(m) : "out" + m.metadata.id];
    });
    if (others) append(render.element("p", "source", "A new conversation starts here."));
    messages.forEach(function (message) {
      if (message.direction !== "in") addReply(message);
      else if (!seen["in" + key(message)]) addMine(message.text, key(message));
      else confirmStored(key(message));
    });
    /* What is still unsent stays below what was said while we were away. */
    queue.forEach(function (item) { log.appendChild(item.bubble); });
    opening = false;
    open = true;
    setAway(false);
    flush();
  }

  function key(message) {
    return message.client_id || "#" + message.id;
  }

  function confirmStored(id) {
    queue = queue.filter(function (item) {
      if (item.id === id) setState(item.bubble, "");
      return item.id !== id;
    });
  }

  function requestSession() {
    if (!socket.connected || open) return;
    opening = true;
    socket.emit("session_request", { session_id: token, country: picker.value || given || "" });
    setTimeout(requestSession, ACK_MS); /* until it is confirmed */
  }

  function closed() {
    open = false;
    queue.forEach(function (item) {
      item.flying = false;
      setState(item.bubble, "Waiting for connection");
    });
    setTyping(false);
    setAway(true);
  }

  /* ---- start ---- */

  scroller.addEventListener("scroll", function () {
    following = nearEnd() || scroller.scrollTop >= place() - 4;
  });
  at("form").addEventListener("submit", function (event) {
    event.preventDefault();
    submit();
  });
  box.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  box.addEventListener("input", fit);
  picker.addEventListener("change", function () {
    chosen = picker.value || countries[0].code; /* who goes back to the first line has seen the question */
    showCountry(chosen);
    if (open) socket.emit("country", { code: chosen, session_id: token });
  });

  if (!window.io) {
    setAway(true); /* its script did not arrive; the numbers are on the page all the same */
    return;
  }

  var socket = window.io({ path: "/socket.io", reconnectionDelay: 800, reconnectionDelayMax: 10000 });
  socket.on("connect", requestSession);
  socket.on("disconnect", closed);
  socket.on("connect_error", closed);
  socket.on("session_confirm", keepToken);
  socket.on("history", addHistory);
  socket.on("bot_uttered", addReply);
  socket.on("typing", function (state) { setTyping(Boolean(state && state.on)); });
  socket.on("country", function (country) {
    if (opening && chosen && country.code !== chosen) {
      socket.emit("country", { code: chosen, session_id: token }); /* picked while we were away */
    } else {
      chosen = null; /* the newest word counts: somebody may have said it, too */
      showCountry(country.code);
    }
  });
})();
