// Opened from a folder (file://), a browser starts no workers, and the search is one. There, and only
// there, a hidden frame takes the worker's place: it has the same messages, on the page's own thread.
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const outside = this
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      this.frame = frame
      const inside = frame.contentWindow
      const load = (source) =>
        new Promise((resolve, reject) => {
          const script = inside.document.createElement("script")
          script.src = new URL(source, url)
          script.onload = resolve
          script.onerror = reject
          inside.document.body.append(script)
        })
      // In a worker this waits; here the scripts come one after the other, and a promise is enough.
      inside.importScripts = (...sources) =>
        sources.reduce((before, source) => before.then(() => load(source)), Promise.resolve())
      inside.postMessage = (data) =>
        outside.dispatchEvent(new MessageEvent("message", { data }))
      this.ready = load(url)
    }
    set onmessage(handler) {
      this.addEventListener("message", handler)
    }
    postMessage(data) {
      this.ready.then(() =>
        this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })))
    }
    terminate() {
      this.frame.remove()
    }
  }
