// Asks the reader for a token, once however many answers ask for it at the same time.

import { part, setText } from "./dom.js";
import { keepToken } from "./token.js";

export class TokenDialog {
  #dialog = part("token-dialog");

  // done(): a token was entered.
  constructor(done) {
    part("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      keepToken(part("token").value.trim());
      part("token").value = "";
      this.#dialog.close();
      done();
    });
    part("token-cancel").addEventListener("click", () => this.#dialog.close());
  }

  open(why) {
    setText(part("token-why"), why);
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}
