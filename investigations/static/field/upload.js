// Uploads of a commission: several at once, each goes on where it stopped, after a broken line and after a closed page.
// The protocol is tus-js-client's; here are only the list and what is remembered.
(() => {
    "use strict";

    const AT_ONCE = 3;
    const CHUNK = {least: 128 * 1024, first: 512 * 1024, most: 2 * 1024 * 1024};
    const BRISK = 2000;
    const SLOW = 8000;
    const DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000];
    const ASK_AGAIN = 2000;
    const ASK_TIMES = 60;

    // What the browser remembers of an upload: its address, under a digest. No name, no note, no place.
    const memory = {
        base: tus.defaultOptions.urlStorage,
        findAllUploads() { return this.base.findAllUploads(); },
        findUploadsByFingerprint(fingerprint) { return this.base.findUploadsByFingerprint(fingerprint); },
        removeUpload(key) { return this.base.removeUpload(key); },
        addUpload(fingerprint, upload) { return this.base.addUpload(fingerprint, {...upload, metadata: {}}); },
    };

    // What is said of a file belongs to its upload: said otherwise, it is another one.
    async function fingerprint(file, options) {
        if (!window.crypto.subtle) return null;
        const told = [file.name, file.type, file.size, file.lastModified, options.endpoint, JSON.stringify(options.metadata)].join("\n");
        const digest = await window.crypto.subtle.digest("SHA-256", new TextEncoder().encode(told));
        return "tus-" + Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    }

    // Each chunk goes with its SHA-256: one that was changed on the way is not taken, and comes again.
    const checking = {
        base: tus.defaultOptions.httpStack,
        getName() { return "checking"; },
        createRequest(method, url) {
            const request = this.base.createRequest(method, url);
            const [send, abort] = [request.send.bind(request), request.abort.bind(request)];
            let isAborted = false;
            request.abort = () => { isAborted = true; return abort(); };
            request.send = async (body) => {
                if (body && body.arrayBuffer && window.crypto.subtle) {
                    const digest = await window.crypto.subtle.digest("SHA-256", await body.arrayBuffer());
                    if (isAborted) return new Promise(() => {});
                    request.setHeader("Upload-Checksum", "sha256 " + window.btoa(String.fromCharCode(...new Uint8Array(digest))));
                }
                return send(body);
            };
            return request;
        },
    };

    function statusOf(error) {
        return error && error.originalResponse ? error.originalResponse.getStatus() : 0;
    }

    function element(name, attributes = {}, text = "") {
        const made = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
        made.textContent = text;
        return made;
    }

    class Sending {
        constructor(section, file, metadata, done) {
            this.words = section.words;
            this.done = done;
            this.row = element("li");
            this.bar = element("progress", {max: "1", value: "0", "aria-label": file.name});
            this.said = element("span", {}, this.words.waiting);
            this.goOn = element("button", {type: "button", hidden: ""}, this.words.goOn);
            this.cancel = element("button", {type: "button", "aria-label": `${this.words.cancel}: ${file.name}`}, this.words.cancel);
            this.row.append(element("span", {}, file.name), " ", this.bar, " ", this.said, " ", this.goOn, " ", this.cancel);
            this.goOn.addEventListener("click", () => this.again());
            this.cancel.addEventListener("click", () => this.stop());
            window.addEventListener("online", () => { if (this.isBroken) this.again(); });
            this.upload = new tus.Upload(file, {
                endpoint: section.endpoint,
                headers: {"X-CSRFToken": section.token},
                metadata,
                chunkSize: CHUNK.first,
                retryDelays: DELAYS,
                urlStorage: memory,
                httpStack: checking,
                fingerprint,
                removeFingerprintOnSuccess: true,
                onShouldRetry: (error) => this.mayRetry(statusOf(error)),
                onChunkComplete: () => this.measure(),
                onProgress: (sent, all) => this.progress(sent, all),
                onError: (error) => this.broke(error),
                onSuccess: () => this.arrived(),
            });
        }

        async start() {
            this.say(this.words.sending);
            const before = await this.upload.findPreviousUploads();
            if (before.length) this.upload.resumeFromPreviousUpload(before[0]);
            this.began = Date.now();
            if (!this.isStopped) this.upload.start();
        }

        again() {
            this.isBroken = false;
            this.goOn.hidden = true;
            this.say(this.words.sending);
            this.began = Date.now();
            this.upload.start();
        }

        async stop() {
            this.isStopped = true;
            this.end(this.words.cancelled);
            await this.upload.abort(true).catch(() => {});
        }

        // Chunks as the line takes them: what came of a slow one is kept, but each costs a new beginning.
        measure() {
            const took = Date.now() - this.began;
            if (took < BRISK) this.resize(2);
            if (took > SLOW) this.resize(0.5);
            this.began = Date.now();
        }

        mayRetry(status) {
            this.resize(0.5);
            this.began = Date.now();
            return [0, 409, 423, 460].includes(status) || status >= 500;
        }

        resize(times) {
            const {options} = this.upload;
            options.chunkSize = Math.min(CHUNK.most, Math.max(CHUNK.least, options.chunkSize * times));
        }

        progress(sent, all) {
            this.bar.value = all ? sent / all : 1;
            this.say(`${this.words.sending} ${Math.floor(this.bar.value * 100)} %`);
        }

        broke(error) {
            const status = statusOf(error);
            if (status === 400 || status === 413) return this.end(`${this.words.failed}: ${error.originalResponse.getBody()}`);
            if (status === 403 || status === 404) return this.end(this.words.gone);
            this.isBroken = true;
            this.goOn.hidden = false;
            return this.say(this.words.broken);
        }

        arrived() {
            this.bar.value = 1;
            const pk = this.upload.url.split("/").filter(Boolean).pop();
            document.dispatchEvent(new CustomEvent("field:arrived", {detail: {pk, name: this.upload.file.name}}));
            this.end(this.words.checking);
            this.ask(ASK_TIMES);
        }

        // What became of it: the checks take a moment.
        async ask(times) {
            const answer = await fetch(this.upload.url).then((response) => response.json()).catch(() => null);
            if (answer && !["receiving", "quarantined"].includes(answer.state)) {
                this.say(answer.because ? `${answer.words}: ${answer.because}` : answer.words);
            } else if (times > 1) {
                window.setTimeout(() => this.ask(times - 1), ASK_AGAIN);
            }
        }

        end(words) {
            this.say(words);
            this.goOn.hidden = this.cancel.hidden = true;
            this.done();
        }

        say(words) {
            if (this.said.textContent !== words) this.said.textContent = words;
        }
    }

    function attach(place) {
        const section = {
            endpoint: place.dataset.upload,
            token: place.dataset.token,
            words: Object.fromEntries(Object.entries(place.dataset).filter(([key]) => key.startsWith("words"))
                .map(([key, words]) => [key[5].toLowerCase() + key.slice(6), words])),
        };
        const list = place.querySelector(".field-uploads");
        const waiting = [];
        const under = new Set();

        function next() {
            while (under.size < AT_ONCE && waiting.length) {
                const sending = waiting.shift();
                if (sending.isStopped) continue;
                under.add(sending);
                sending.start();
            }
        }

        function add(file) {
            const metadata = {filename: file.name};
            for (const name of ["claimed_at", "place", "note"]) {
                metadata[name] = place.querySelector(`[name=${name}]`).value;
            }
            const sending = new Sending(section, file, metadata, () => { under.delete(sending); next(); });
            list.append(sending.row);
            waiting.push(sending);
        }

        for (const input of place.querySelectorAll("input[type=file]")) {
            input.addEventListener("change", () => {
                Array.from(input.files).forEach(add);
                input.value = "";
                next();
            });
        }
        // Half an upload of another day: the file is chosen again, or it is given up.
        for (const button of place.querySelectorAll("[data-give-up]")) {
            button.hidden = false;
            button.addEventListener("click", async () => {
                const headers = {"X-CSRFToken": section.token, "Tus-Resumable": "1.0.0"};
                const answer = await fetch(button.dataset.giveUp, {method: "DELETE", headers}).catch(() => null);
                if (answer && (answer.ok || answer.status === 404)) button.closest("li").remove();
            });
        }
        window.addEventListener("beforeunload", (event) => { if (under.size || waiting.length) event.preventDefault(); });
    }

    document.querySelectorAll("[data-upload]").forEach(attach);
})();
