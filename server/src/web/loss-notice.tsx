/** Says plainly that the server was started although its stores may lose what it acknowledges. */
export function LossNotice({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <div class="notice loss-notice" role="status">
      <p>This server may lose scores that it has acknowledged, and was started all the same:</p>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}
