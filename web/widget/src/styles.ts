export const CSS = `
:host { all: initial; }
* { box-sizing: border-box; }
/* A rule of the page for every element reaches the host and wins there: what is inherited begins anew here. */
.root { all: initial; }
.root {
  --blue: #1d5fd0; --blue-soft: #e4eefc; --ink: #17202c; --soft: #5b6675; --line: #d9dfe7; --paper: #fff;
  --grey: #e9ecf0; --yellow: #fff6d6; --yellow-line: #d9b23c; --red: #b3261e;
  font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: var(--ink);
}
@media (prefers-color-scheme: dark) {
  .root { --blue: #7fb0ff; --blue-soft: #1c3153; --ink: #e8edf4; --soft: #a5b0bf; --line: #3a4350; --paper: #1b2028;
    --grey: #2d343f; --yellow: #40380f; --yellow-line: #a78a2a; --red: #ff8f87; }
}
button, input, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
.launcher { position: fixed; right: 20px; bottom: 20px; width: 60px; height: 60px; border: 0; border-radius: 50%;
  background: #1d5fd0; color: #fff; box-shadow: 0 4px 16px #0004; z-index: 2147483000; display: grid; place-items: center; }
.launcher:hover { background: #174fae; }
.launcher svg { width: 28px; height: 28px; }
.badge { position: absolute; top: -2px; right: -2px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
  background: #c62828; color: #fff; font-size: 13px; line-height: 22px; text-align: center; }
.panel { position: fixed; right: 20px; bottom: 20px; width: 380px; height: min(620px, calc(100dvh - 40px));
  display: flex; flex-direction: column; background: var(--paper); border: 1px solid var(--line); border-radius: 16px;
  box-shadow: 0 12px 40px #0005; overflow: hidden; z-index: 2147483000; }
@media (max-width: 480px) { .panel { inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; } }
[hidden] { display: none !important; }
header { display: flex; align-items: center; gap: 4px; padding: 10px 8px 10px 16px; border-bottom: 1px solid var(--line); }
header h2 { flex: 1; margin: 0; font-size: 16px; font-weight: 600; }
.icon { width: 40px; height: 40px; border: 0; border-radius: 10px; background: none; display: grid; place-items: center; }
.icon:hover { background: var(--grey); }
.icon svg { width: 20px; height: 20px; }
.where { padding: 6px 16px; font-size: 13px; color: var(--soft); border-bottom: 1px solid var(--line); }
.where.lost { color: var(--red); }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 14px; display: flex; flex-direction: column; gap: 10px; }
.message { max-width: 85%; padding: 9px 13px; border-radius: 14px; overflow-wrap: anywhere; }
.message p, .message ul, .message ol, .message pre, .message blockquote, .message table { margin: 0 0 8px; }
.message > :last-child, .body > :last-child { margin-bottom: 0; }
.message h1, .message h2, .message h3, .message h4 { margin: 0 0 6px; font-size: 1em; }
.message ul, .message ol { padding-left: 20px; }
.message pre { overflow-x: auto; white-space: pre; }
.message code { font-family: ui-monospace, monospace; font-size: .92em; }
.message table { border-collapse: collapse; }
.message td, .message th { border: 1px solid currentColor; padding: 2px 6px; }
.message a { color: inherit; text-decoration: underline; }
.ai-message { align-self: flex-start; background: var(--blue-soft); color: var(--ink); border-bottom-left-radius: 4px; }
.user-message { align-self: flex-end; background: var(--grey); border-bottom-right-radius: 4px; white-space: pre-wrap; }
.manager-message { align-self: flex-start; background: linear-gradient(135deg, #1b7a3d, #146231); color: #fff;
  border-bottom-left-radius: 4px; }
.manager-message .author { display: block; font-size: 13px; font-weight: 600; margin-bottom: 2px; }
.system-message { align-self: center; max-width: 95%; background: var(--yellow); border: 1px solid var(--yellow-line);
  font-size: 13px; text-align: center; }
.note { display: block; margin-top: 3px; font-size: 12px; color: var(--soft); }
.manager-message .note { color: #ffffffd9; }
.note.failed { color: var(--red); }
.note button, .link { border: 0; background: none; padding: 2px 4px; text-decoration: underline; color: inherit; }
.typing { min-height: 20px; padding: 0 16px; font-size: 13px; color: var(--soft); }
.hand-over { margin: 0 14px 8px; padding: 10px; border: 1px solid #1b7a3d; border-radius: 10px; background: none;
  color: var(--ink); font-weight: 600; }
.hand-over:hover { background: #1b7a3d22; }
.problem { margin: 0 14px 8px; color: var(--red); font-size: 13px; }
.composer { display: flex; align-items: flex-end; gap: 4px; padding: 8px; border-top: 1px solid var(--line); }
textarea { flex: 1; min-height: 40px; max-height: 140px; resize: none; padding: 9px 11px; border: 1px solid var(--line);
  border-radius: 10px; background: var(--paper); }
.primary { min-height: 42px; padding: 0 16px; border: 0; border-radius: 10px; background: #1d5fd0; color: #fff; font-weight: 600; }
.composer .primary { width: 42px; padding: 0; display: grid; place-items: center; flex: none; }
.composer .primary svg { width: 20px; height: 20px; }
.primary:hover { background: #174fae; }
.primary:disabled, .icon:disabled { opacity: .45; cursor: default; }
.rating { padding: 12px 14px; border-top: 1px solid var(--line); text-align: center; }
.rating button { width: 44px; height: 44px; border: 0; background: none; font-size: 26px; line-height: 1; color: #b98a00; }
.rating button:hover { transform: scale(1.15); }
.offline { padding: 14px; overflow-y: auto; display: grid; gap: 10px; border-top: 1px solid var(--line); }
.offline h3 { margin: 0; font-size: 15px; }
.offline p { margin: 0; color: var(--soft); }
.offline label { display: grid; gap: 3px; font-size: 13px; }
.offline input { padding: 9px 11px; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); }
.row { display: flex; gap: 8px; justify-content: flex-end; align-items: center; }
.sure { display: flex; gap: 8px; align-items: center; justify-content: center; padding: 8px; background: var(--yellow);
  border-bottom: 1px solid var(--yellow-line); font-size: 14px; }
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: rise .16s ease-out; }
  @keyframes rise { from { transform: translateY(12px); opacity: 0; } }
}
`;
