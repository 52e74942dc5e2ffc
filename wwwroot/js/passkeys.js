// Runs passkey ceremonies (WebAuthn §7) for the forms of the account pages. The server makes the options and checks what comes of them;
// here they only change their shape, since the browser's interface wants bytes where JSON has base64url.

const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), char => char.charCodeAt(0));
const text = buffer => buffer
  ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  : undefined;
const descriptors = list => list?.map(one => ({ ...one, id: bytes(one.id) }));

const forCreation = options => ({
  ...options,
  challenge: bytes(options.challenge),
  user: { ...options.user, id: bytes(options.user.id) },
  excludeCredentials: descriptors(options.excludeCredentials),
});

const forRequest = options => ({
  ...options,
  challenge: bytes(options.challenge),
  allowCredentials: descriptors(options.allowCredentials),
});

const toJson = credential => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
  response: {
    clientDataJSON: text(credential.response.clientDataJSON),
    attestationObject: text(credential.response.attestationObject),
    transports: credential.response.getTransports?.(),
    authenticatorData: text(credential.response.authenticatorData),
    signature: text(credential.response.signature),
    userHandle: text(credential.response.userHandle),
  },
});

// A path of the server, below the page's base. The dot keeps `/a:b` from being read as an address of scheme `a`.
const below = path => new URL(`.${path}`, document.baseURI);

/** What the server said no to: its sentence is for the reader. */
class Refusal extends Error {}

async function post(step, body, antiforgery, signal) {
  let response;
  try {
    response = await fetch(new URL(`auth/passkeys/${step}`, document.baseURI), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', RequestVerificationToken: antiforgery },
      body: JSON.stringify(body),
      signal,
    });
  } catch {
    signal?.throwIfAborted();
    throw new Refusal('The server cannot be reached.');
  }

  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Refusal([answer.message ?? 'The server could not do this.', answer.hint].filter(Boolean).join(' '));
  }

  return answer;
}

/**
 * Runs a ceremony: options, the browser's own dialogue, the result.
 * @param {string} ceremony `sign-in`, `confirm`, `register`, `recover`, `link` or `add`
 * @param {object} fields sent with both steps
 * @param {string} antiforgery the page's antiforgery token
 * @param {object} how further members of the browser's call, such as a signal
 * @returns {Promise<object>} the server's answer
 */
export async function perform(ceremony, fields, antiforgery, how = {}) {
  const options = await post(`${ceremony}/options`, fields, antiforgery, how.signal);
  const credential = ceremony === 'sign-in' || ceremony === 'confirm'
    ? await navigator.credentials.get({ publicKey: forRequest(options), ...how })
    : await navigator.credentials.create({ publicKey: forCreation(options), ...how });
  return post(ceremony, { ...fields, credential: toJson(credential) }, antiforgery);
}

/** A sentence for what went wrong. */
export function explain(error, publicUrl) {
  if (error instanceof Refusal) {
    return error.message;
  }

  switch (error.name) {
    case 'NotAllowedError': return 'The passkey dialogue was closed, or took too long. Try again.';
    case 'InvalidStateError': return 'This device has a passkey for this account already.';
    case 'SecurityError': return `Passkeys of this server work at ${publicUrl} only. Open it there.`;
    case 'NotSupportedError': return 'This device cannot make the kind of passkey that this server asks for.';
    default: return 'The browser could not use a passkey.';
  }
}

/** Runs a ceremony for who is signed in, on a page that has a circuit: null when it is done, else a sentence for what went wrong. */
export async function run(ceremony, fields, antiforgery, publicUrl) {
  if (!window.isSecureContext || !window.PublicKeyCredential) {
    return window.isSecureContext ? 'This browser knows no passkeys.' : `Passkeys need a secure connection. Open ${publicUrl} instead.`;
  }

  try {
    await perform(ceremony, fields, antiforgery);
    return null;
  } catch (error) {
    return explain(error, publicUrl);
  }
}

/** <passkey-form ceremony="…">: a form that is sent by way of a ceremony. */
class PasskeyForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector('form');
    this.button = this.querySelector('button');
    this.ceremony = this.getAttribute('ceremony');
    this.form.addEventListener('submit', event => {
      event.preventDefault();
      this.run();
    });
    if (!window.isSecureContext || !window.PublicKeyCredential) {
      this.tell(window.isSecureContext
        ? 'This browser knows no passkeys.'
        : `Passkeys need a secure connection. Open ${this.getAttribute('public-url')} instead.`);
      return;
    }

    this.button.disabled = false;
    if (this.ceremony === 'sign-in') {
      this.offer();
    }
  }

  disconnectedCallback() {
    this.offered?.abort();
  }

  fields() {
    const all = Object.fromEntries(new FormData(this.form));
    delete all.__RequestVerificationToken;
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  }

  antiforgery() {
    return this.form.elements.__RequestVerificationToken.value;
  }

  async run() {
    const missing = [...this.form.elements].find(field => field.required && !field.value.trim());
    if (missing) {
      missing.setAttribute('aria-invalid', 'true');
      missing.focus();
      this.tell(`${missing.labels[0].textContent} is missing.`);
      return;
    }

    this.offered?.abort();
    this.busy(true);
    try {
      const { next } = await perform(this.ceremony, this.fields(), this.antiforgery());
      location.assign(below(next));
    } catch (error) {
      this.busy(false);
      this.tell(explain(error, this.getAttribute('public-url')));
      this.offer();
    }
  }

  /** Passkeys among the suggestions of the name field, where the browser can. Nobody asked for it, so it fails in silence. */
  async offer() {
    if (this.ceremony !== 'sign-in' || !await PublicKeyCredential.isConditionalMediationAvailable?.()) {
      return;
    }

    this.offered = new AbortController();
    try {
      const { return: back } = this.fields();
      const { next } = await perform('sign-in', back ? { return: back } : {}, this.antiforgery(), { mediation: 'conditional', signal: this.offered.signal });
      location.assign(below(next));
    } catch (error) {
      if (error instanceof Refusal) {
        this.tell(error.message);
      }
    }
  }

  busy(is) {
    this.button.disabled = is;
    this.form.toggleAttribute('data-busy', is);
    this.querySelector('[data-status]').textContent = is ? 'Waiting for your passkey…' : '';
    if (is) {
      this.tell('');
      this.form.querySelectorAll('[aria-invalid]').forEach(field => field.removeAttribute('aria-invalid'));
    }
  }

  tell(message) {
    this.querySelector('[data-error]').textContent = message;
  }
}

customElements.define('passkey-form', PasskeyForm);
