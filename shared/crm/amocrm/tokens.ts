import type { CrmContext } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { addressOf, AmocrmConfig } from './config.ts';
import { explain, parseJson, refusalIn, Refused } from './refusal.ts';
import { Tokens } from './schema.ts';

export type Context = CrmContext<AmocrmConfig>;

/**
 * The access token to go on with after `refused` was not accepted. One instance renews, the others take what it got: a
 * refresh token works once.
 * @throws VendorFailure `auth` when only a person can help
 */
export async function renewToken(context: Context, refused: string): Promise<string> {
  if (!context.config.refresh_token) {
    throw new VendorFailure(
      'auth',
      'Токен доступа amoCRM истёк или отозван. Выпустите в amoCRM новый долгосрочный токен и сохраните его в настройках',
      { httpStatus: 401 },
    );
  }
  const settings = await context.renewSettings(async (stored) => {
    const current = AmocrmConfig.safeParse(stored);
    if (!current.success || current.data.access_token !== refused) return undefined;
    return refresh(context, current.data);
  });
  const inForce = AmocrmConfig.safeParse(settings);
  if (inForce.success) return inForce.data.access_token;
  throw new VendorFailure('retry', 'Настройки amoCRM только что изменились', { httpStatus: 401 });
}

async function refresh(
  context: Context,
  config: AmocrmConfig,
): Promise<Record<string, unknown> | undefined> {
  const answer = await context
    .send({
      method: 'POST',
      url: `${addressOf(config.subdomain)}/oauth2/access_token`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'user-agent': 'Trunkline',
      },
      body: JSON.stringify({
        client_id: config.client_id,
        client_secret: config.client_secret,
        grant_type: 'refresh_token',
        refresh_token: config.refresh_token,
        ...(config.redirect_uri && { redirect_uri: config.redirect_uri }),
      }),
    })
    .catch((error: unknown) => {
      throw withoutEffect(error);
    });

  const refused = refusalIn(answer, false);
  if (refused) throw asRefusal(refused, answer.status);
  const tokens = Tokens.safeParse(parseJson(answer.text));
  if (tokens.success) return tokens.data;
  throw new VendorFailure('retry', 'amoCRM не прислала новых токенов', {
    httpStatus: answer.status,
  });
}

/** Whatever it says, a refresh that is declined stays so until somebody connects the integration anew. */
function asRefusal(failure: VendorFailure, httpStatus: number): VendorFailure {
  const declined = httpStatus === 401 || failure instanceof Refused;
  if (!declined) return failure;
  const said = failure instanceof Refused ? ` (${explain(failure.problem)})` : '';
  return new VendorFailure(
    'auth',
    `amoCRM не продлила доступ${said}: токен обновления уже использован или отозван, либо изменились ключи интеграции. Подключите интеграцию заново`,
    { httpStatus },
  );
}

/** The request before was declined for its token, so nothing of the call can have been applied. */
function withoutEffect(error: unknown): unknown {
  if (!(error instanceof VendorFailure)) return error;
  const { failureClass, message, httpStatus, timedOut } = error;
  return new VendorFailure(failureClass, message, { cause: error, httpStatus, timedOut });
}
