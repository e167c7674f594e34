// Opened from a folder (file://), a browser starts no workers, and the search is one. There, and only
// there, a hidden frame takes the worker's place: the same messages, on the page's own thread.
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.srcdoc = "<!doctype html>"
      const opened = new Promise((resolve) => (this.frame.onload = resolve))
      this.ready = opened.then(() => this.run(new URL(url, location)))
      document.body.append(this.frame)
    }
    run(url) {
      const inside = this.frame.contentWindow
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }))
      return new Promise((resolve, reject) => {
        const script = inside.document.createElement("script")
        script.onload = resolve
        script.onerror = reject
        script.src = url
        inside.document.body.append(script)
      })
    }
    postMessage(data) {
      this.ready.then(() =>
        this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })))
    }
    terminate() {
      this.frame.remove()
    }
  }
