// Event streams. The browser reconnects by itself and says where it left off; when it gives up, we begin again.

// A line that comes back at once is not worth a word.
const TOLD_AFTER_MS = 2000;

export function follow(url, take) {
  let source = null;
  let timer = null;
  let last = null;
  let telling = null;
  const notice = document.getElementById("lost");

  const lost = () => {
    telling ??= setTimeout(() => (notice.textContent = "The connection is lost. Trying again …"), TOLD_AFTER_MS);
  };
  const back = () => {
    clearTimeout(telling);
    telling = null;
    notice.textContent = "";
  };

  const hear = (event) => {
    last = event.lastEventId || last;
    take(JSON.parse(event.data), event.type);
  };

  const open = () => {
    source = new EventSource(last === null ? url : `${url}?lastEventId=${encodeURIComponent(last)}`);
    for (const name of ["progress", "status", "delivery"]) source.addEventListener(name, hear);
    source.onopen = back;
    source.onerror = () => {
      lost();
      // Closed for good: an answer that was no stream, such as 204 at the end, or a session that is over.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 5000);
    };
  };

  const close = () => {
    clearTimeout(timer);
    back();
    source?.close();
  };

  open();
  addEventListener("pagehide", close);
  return close;
}
