// What the two libraries have in common: the RTCPeerConnection of a call.

/** Octets of sound that have arrived, of this call's RTCPeerConnection. */
export async function received(connection) {
  let octets = 0;
  for (const report of (await connection.getStats()).values()) {
    if (report.type === 'inbound-rtp') octets += report.bytesReceived;
  }
  return octets;
}

/** Something that will be said once; asked for before or after. */
export function moment() {
  let say;
  const said = new Promise((resolve) => { say = resolve; });
  return { said, say };
}
