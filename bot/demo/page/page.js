// Shows what the server says there is to see, and tells it what people do. Nothing is worked out here but the time.
// Every message from the server holds everything; what is on the page already is left alone, so that nothing is doubled
// after a lost connection, and a screen reader hears only what is new.

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const NEAR_THE_END = 120;

const sides = { participant: one("#participant"), staff: one("#staff") };
const chosen = { participant: "", staff: "" };
const read = { participant: new Map(), staff: new Map(), happened: 0 };
let state = null;
let arrivedAt = 0;
let view = "participant";

// --- small things ---------------------------------------------------------------------------------------------------

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The children of `list` become those of `items`, by id: kept where they are, made anew only where they changed.
function keep(list, items, draw) {
  const there = new Map(all(":scope > [data-id]", list).map((element) => [element.dataset.id, element]));
  let last = null;
  for (const item of items) {
    const written = JSON.stringify(item);
    let element = there.get(item.id);
    there.delete(item.id);
    if (!element || element.dataset.was !== written) {
      const fresh = draw(item, element);
      fresh.dataset.id = item.id;
      fresh.dataset.was = written;
      if (element && fresh !== element) element.replaceWith(fresh);
      element = fresh;
    }
    const place = last ? last.nextSibling : list.firstChild;
    if (element !== place) list.insertBefore(element, place);
    last = element;
  }
  for (const gone of there.values()) gone.remove();
}

// A list shows its end until somebody scrolls away from it. Of something too long for the screen, it shows the beginning.
const away = new WeakSet();
const HANDS = ["wheel", "touchend", "keyup", "pointerup"];

function toTheEnd(list) {
  const end = list.scrollHeight - list.clientHeight;
  const last = list.lastElementChild;
  const start = last && last.offsetHeight > list.clientHeight ? last.offsetTop - 8 : end;
  list.scrollTop = Math.max(0, Math.min(start, end));
}

const sizes = new ResizeObserver((changed) => changed.forEach(({ target }) => away.has(target) || toTheEnd(target)));

for (const list of all("[role=log]")) {
  sizes.observe(list);
  const look = () => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END) away.delete(list);
    else away.add(list);
  };
  for (const moved of HANDS) list.addEventListener(moved, (event) => event.target.closest("button") || setTimeout(look, 200));
}

// --- time -----------------------------------------------------------------------------------------------------------

const formats = new Map();

function format(at, options) {
  const key = JSON.stringify([state.clock.zone, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: state.clock.zone, ...options }));
  return formats.get(key).format(at);
}

const hourAndMinute = (at) => format(at, { hour: "2-digit", minute: "2-digit" });
const withSeconds = (at) => format(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayOf = (at) => format(at, { weekday: "short", day: "numeric", month: "short" });

function now() {
  return state.clock.now + (performance.now() - arrivedAt) * state.clock.speed;
}

function until(at) {
  const seconds = Math.max(0, Math.round((at - now()) / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60)];
  if (days) return `in ${days} d ${hours} h`;
  if (minutes >= 60) return `in ${hours} h ${minutes % 60} min`;
  return `in ${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

function tick() {
  if (!state) return;
  say(one("#day"), dayOf(now()));
  say(one("#hour"), withSeconds(now()));
  one("#time").dateTime = new Date(now()).toISOString();
  all(".strip-time").forEach((strip) => say(strip, hourAndMinute(now())));
  all("[data-until]").forEach((element) => say(element, until(Number(element.dataset.until))));
}

// --- the phones -----------------------------------------------------------------------------------------------------

const peopleOf = (side) => state.people.filter((person) => person.participant === (side === "participant"));
const person = (side) => state.people.find((candidate) => candidate.key === chosen[side]);

function drawPhones(fresh) {
  for (const side of ["participant", "staff"]) {
    const people = peopleOf(side);
    if (!people.some((candidate) => candidate.key === chosen[side])) chosen[side] = people.length ? people[0].key : "";
    if (fresh) read[side].clear();
    drawPhone(side);
  }
}

function drawPhone(side) {
  const section = sides[side];
  const shown = person(side);
  if (!shown) return;
  say(one(".name", section), shown.name);
  say(one(".seat", section), shown.seat);
  const screen = one(".screen", section);
  const other = screen.dataset.whose !== shown.key || screen.dataset.run !== state.run;
  if (other) {
    screen.replaceChildren();
    screen.dataset.whose = shown.key;
    screen.dataset.run = state.run;
    screen.setAttribute("aria-label", `Messages on ${shown.name}’s phone`);
  }
  const bubbles = state.phones[shown.key];
  if (other) away.delete(screen);
  drawEmpty(screen, bubbles.length === 0, side, shown);
  const before = screen.dataset.last;
  keep(screen, bubbles, (bubble, was) => drawBubble(bubble, was, shown.key));
  hideTimes(screen, bubbles);
  screen.dataset.last = bubbles.length ? bubbles[bubbles.length - 1].id : "";
  if (screen.dataset.last !== before && !away.has(screen)) toTheEnd(screen);
  section.querySelector(".phone").classList.toggle("off", !shown.reachable);
  say(one(".channel", section), shown.reachable ? shown.channel : "no signal");
  if (side === "staff") one("#unreachable").checked = !shown.reachable;
  if (isVisible(side)) read[side].set(shown.key, received(shown.key));
}

// One time is enough for messages of the same minute from the same side.
function hideTimes(screen, bubbles) {
  bubbles.forEach((bubble, number) => {
    const next = bubbles[number + 1];
    const same = next && next.mine === bubble.mine && hourAndMinute(next.at) === hourAndMinute(bubble.at);
    one(`[data-id="${CSS.escape(bubble.id)}"] .when`, screen).classList.toggle("hidden", Boolean(same));
  });
}

function drawEmpty(screen, isEmpty, side, shown) {
  const there = one(".empty", screen);
  if (!isEmpty) {
    if (there) there.remove();
  } else if (!there) {
    const words = side === "participant"
      ? `Write something as ${shown.first}, or play a story.`
      : `Nothing has come in for ${shown.first} yet.`;
    screen.append(make("p", "empty", words));
  }
}

// A message never changes; only whether it is stored, and which of its answers was pressed. So it is drawn once.
function drawBubble(bubble, was, whose) {
  const element = was || newBubble(bubble, whose);
  const stored = bubble.mine ? (bubble.stored ? " · stored ✓" : " · sending…") : "";
  say(one(".when", element), hourAndMinute(bubble.at) + stored);
  for (const button of all("[data-choice]", element)) {
    if (bubble.chosen) button.setAttribute("aria-pressed", String(button.dataset.choice === bubble.chosen));
  }
  return element;
}

function newBubble(bubble, whose) {
  const element = make("div", `bubble${bubble.mine ? " mine" : ""}${bubble.page ? ` page ${bubble.page}` : ""}`);
  const words = make("div", "words");
  if (bubble.page) words.append(make("span", "tag", `Page · ${bubble.page}`));
  words.append(make("span", "", bubble.text));
  if (bubble.mine) element.append(make("span", "hidden", "Sent: "));
  element.append(words);
  if (bubble.choices.length) element.append(newChoices(bubble, whose));
  element.append(make("span", "when"));
  return element;
}

function newChoices(bubble, whose) {
  const scale = bubble.choices.filter((choice) => /^\d+$/.test(choice.label)).length > 4;
  const choices = make("div", scale ? "choices scale" : "choices");
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-label", "Answers");
  for (const choice of bubble.choices) {
    const button = make("button", "", choice.label);
    button.type = "button";
    button.dataset.choice = choice.id;
    button.addEventListener("click", () => act({ do: "tap", who: whose, message: bubble.id, choice: choice.id }));
    choices.append(button);
  }
  return choices;
}

// --- whose phone, and what is new -----------------------------------------------------------------------------------

const received = (key) => state.phones[key].filter((bubble) => !bubble.mine).length;
const isNarrow = () => getComputedStyle(one(".views")).display !== "none";
const isVisible = (name) => !isNarrow() || view === name;

function unread(side) {
  return peopleOf(side).reduce((sum, shown) => sum + received(shown.key) - (read[side].get(shown.key) || 0), 0);
}

function drawPeople() {
  for (const side of ["participant", "staff"]) {
    const people = peopleOf(side);
    const list = one(".people", sides[side]);
    list.hidden = people.length < 2;
    const items = people.map((shown) => ({
      id: shown.key,
      first: shown.first,
      seat: shown.short,
      chosen: shown.key === chosen[side],
      unread: received(shown.key) - (read[side].get(shown.key) || 0),
    }));
    keep(list, items, (item, was) => drawPerson(item, was, side));
  }
}

function drawPerson(item, was, side) {
  const button = was || make("button");
  if (!was) {
    button.type = "button";
    button.addEventListener("click", () => choose(side, button.dataset.id));
  }
  const mark = item.unread > 0 ? [marked(item.unread)] : [];
  button.replaceChildren(item.first, make("small", "", item.seat), ...mark);
  button.setAttribute("aria-pressed", String(item.chosen));
  return button;
}

function marked(count) {
  const mark = make("span", "mark", String(count));
  mark.append(make("span", "hidden", " new"));
  return mark;
}

function choose(side, key) {
  chosen[side] = key;
  drawPhone(side);
  drawPeople();
  drawViews();
}

function show(name) {
  view = name;
  for (const section of all("main > section")) section.classList.toggle("shown", section.id === name);
  for (const button of all(".views button")) {
    if (button.dataset.view === name) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  draw(false);
  toTheEnd(one("[role=log]", one(`#${name}`)));
}

function drawViews() {
  const counts = { participant: unread("participant"), staff: unread("staff"), happened: state.log.length - read.happened };
  for (const button of all(".views button")) {
    const mark = one(".mark", button);
    const count = button.dataset.view === view ? 0 : counts[button.dataset.view];
    mark.hidden = count <= 0;
    if (count > 0) mark.replaceChildren(String(count), make("span", "hidden", " new"));
  }
}

// --- what happened --------------------------------------------------------------------------------------------------

function drawLog() {
  const log = one("#log");
  const withTimes = state.log.map((line, number) => {
    const before = state.log[number - 1];
    return { ...line, again: Boolean(before) && withSeconds(before.at) === withSeconds(line.at) };
  });
  one("#intro").hidden = withTimes.length > 0;
  log.hidden = withTimes.length === 0;
  keep(log, withTimes, drawLine);
  const last = withTimes.length ? withTimes[withTimes.length - 1].id : "";
  if (log.dataset.last !== last && !away.has(log)) toTheEnd(log);
  log.dataset.last = last;
  if (isVisible("happened")) read.happened = state.log.length;
}

function drawLine(line, was) {
  const element = was || make("li");
  element.className = `${line.kind} ${line.level || "calm"}`;
  const body = make("div");
  const title = make("p", "title", line.title);
  if (line.level) title.append(" ", make("span", `chip ${line.level}`, line.level));
  body.append(title);
  if (line.text) body.append(make("p", "text", line.text));
  if (line.people.length) {
    const people = make("ul", "asked");
    for (const asked of line.people) {
      const row = make("li");
      row.append(make("span", "", asked.name), make("span", asked.mark, asked.words));
      people.append(row);
    }
    body.append(people);
  }
  const dot = make("span", "dot");
  dot.setAttribute("aria-hidden", "true");
  element.replaceChildren(make("span", line.again ? "when again" : "when", withSeconds(line.at)), dot, body);
  return element;
}

function drawStanding() {
  const standing = one("#standing");
  const written = JSON.stringify(state.standing);
  if (standing.dataset.was === written) return;
  standing.dataset.was = written;
  const { case: open, next } = state.standing;
  standing.replaceChildren(...(open ? drawCase(open) : [make("p", "case", "No open case")]), drawNext(next));
}

function drawCase(open) {
  const head = make("p", "case", `Case ${open.number}, ${open.about}`);
  head.append(make("span", `chip ${open.level}`, open.level), make("span", "chip calm", open.state));
  const facts = make("p", "facts");
  for (const [what, who] of [["In the hands of ", open.holder || "nobody yet"], ["Who speaks: ", open.speaker || "the program"]]) {
    const fact = make("span", "", what);
    fact.append(make("b", "", who));
    facts.append(fact);
  }
  return [head, facts];
}

function drawNext(next) {
  if (!next.length) return make("p", "text", "Nothing is waiting for its time.");
  const list = make("ol", "due");
  list.setAttribute("aria-label", "What falls due next");
  for (const due of next) {
    const row = make("li");
    const left = make("span", "in");
    left.dataset.until = String(due.at);
    row.append(make("span", "", due.words), left);
    list.append(row);
  }
  return list;
}

// --- the bar --------------------------------------------------------------------------------------------------------

function drawBar() {
  for (const button of all("[data-speed]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === state.clock.speed));
  }
  one("#skip").disabled = !state.standing.next.length || state.story.playing;
  const select = one("#story");
  keep(select, state.story.stories, (story) => new Option(story.title, story.id));
  if (select.dataset.run !== state.run) {
    select.dataset.run = state.run;
    select.value = state.story.id;
  }
  say(one("#play"), state.story.playing ? "Stop" : "Play");
}

// --- all of it ------------------------------------------------------------------------------------------------------

function draw(fresh) {
  if (!state) return;
  if (state.story.playing && state.story.acting) follow(state.story.acting);
  drawPhones(fresh);
  drawPeople();
  drawLog();
  drawStanding();
  drawBar();
  drawViews();
  tick();
}

// While a story plays, the phones show whoever acts; never under the hands of somebody who is using them.
function follow(key) {
  for (const side of ["participant", "staff"]) {
    const mayMove = !sides[side].contains(document.activeElement);
    if (mayMove && peopleOf(side).some((shown) => shown.key === key)) chosen[side] = key;
  }
}

// --- to and from the server -----------------------------------------------------------------------------------------

const notice = one("#notice");
let noticeEnds = 0;

function tell(words, seconds = 0) {
  clearTimeout(noticeEnds);
  notice.hidden = !words;
  say(notice, words);
  if (seconds) noticeEnds = setTimeout(() => { notice.hidden = true; }, seconds * 1000);
}

async function act(what) {
  try {
    const answer = await fetch("do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(what),
    });
    if (answer.ok) return true;
    const { error } = await answer.json();
    tell(error, 6);
  } catch {
    tell("That did not reach the program. It is tried again when the connection is back.", 6);
  }
  return false;
}

function listen() {
  const events = new EventSource("events");
  events.addEventListener("message", (event) => {
    const fresh = JSON.parse(event.data);
    const other = !state || state.run !== fresh.run;
    state = fresh;
    arrivedAt = performance.now();
    if (other) read.happened = 0;
    if (notice.dataset.lost) {
      delete notice.dataset.lost;
      tell("");
    }
    draw(other);
  });
  events.addEventListener("error", () => {
    notice.dataset.lost = "1";
    tell("The connection to the demo is lost. Trying again…");
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  });
}

for (const side of ["participant", "staff"]) {
  const form = one(".composer", sides[side]);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const words = form.elements.words.value.trim();
    if (!words) return;
    form.elements.words.value = "";
    away.delete(one(".screen", sides[side]));
    if (!(await act({ do: "say", who: chosen[side], words }))) form.elements.words.value ||= words;
  });
}

for (const button of all("[data-speed]")) {
  button.addEventListener("click", () => act({ do: "pace", speed: Number(button.dataset.speed) }));
}
for (const button of all(".views button")) button.addEventListener("click", () => show(button.dataset.view));
one("#help").addEventListener("click", () => act({ do: "help", who: chosen.participant }));
one("#skip").addEventListener("click", () => act({ do: "skip" }));
one("#play").addEventListener("click", () => act(state.story.playing ? { do: "stop" } : { do: "play", story: one("#story").value }));
one("#again").addEventListener("click", () => act({ do: "again", story: one("#story").value }));
one("#unreachable").addEventListener("change", (event) => act({ do: "reach", who: chosen.staff, reachable: !event.target.checked }));
one("#more").addEventListener("click", (event) => {
  const open = one("#story-tools").classList.toggle("open");
  event.target.setAttribute("aria-expanded", String(open));
});
addEventListener("resize", () => draw(false));
setInterval(tick, 200);
listen();
