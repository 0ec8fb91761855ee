/** Asks for a token where the server gives the page none. The token stays in memory: not in the URL, not in storage. */
import { useEffect, useRef } from 'preact/hooks';

export function TokenForm(props: { wasRefused: boolean; onToken: (token: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="notice token-form"
      onSubmit={(event) => {
        event.preventDefault();
        const token = input.current?.value.trim() ?? '';
        if (token !== '') props.onToken(token);
      }}
    >
      <h1>A token is needed</h1>
      <p id="token-help">
        This server gives its page no token of its own. Paste one of any role; viewer is enough. It is
        forgotten when you leave the page.
      </p>
      {props.wasRefused && (
        <p class="error" role="alert">
          The server does not let that token in. It may be wrong or expired, or the server may be full.
        </p>
      )}
      <label for="token">Token</label>
      <div class="field-row">
        <input
          id="token"
          ref={input}
          type="password"
          required
          autocomplete="off"
          spellcheck={false}
          aria-describedby="token-help"
        />
        <button type="submit">Show the board</button>
      </div>
    </form>
  );
}
