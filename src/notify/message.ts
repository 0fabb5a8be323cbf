/** What goes to a sink: plain data, for the thread that delivers. */

export type Message = HttpMessage | MailMessage;

interface Common {
  readonly url: string;
  /** What no word about the outcome may hold, beside the URL and the headers. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
}

export interface HttpMessage extends Common {
  readonly kind: 'http';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface MailMessage extends Common {
  readonly kind: 'mail';
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** What became of one attempt. */
export type Delivered =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** For people; without any secret of the config. */
      readonly reason: string;
      /** The receiver is there and does not want this message: others may still be welcome. */
      readonly isRejected: boolean;
      /** When the receiver wants to be asked again. */
      readonly retryAfterMs: number | null;
    };

/** Makes one attempt; settles in any case, at the latest a little after the message's timeout. */
export type Deliver = (message: Message) => Promise<Delivered>;
