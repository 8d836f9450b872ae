"""News that providers send of calls: each taken once, and passed on to whoever waits for it."""

import json
import logging
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from broadcaster import Broadcast

from pipeline.calls import CallId, News
from storage.broadcasts import RESYNC
from storage.database import Executor, transaction

CHANNEL = "designer_bff_calls"

TAKE_DELIVERY = """
insert into webhook_deliveries (provider, id) values ($1, $2) on conflict do nothing returning id
"""

# A signature is good for five minutes: what is older can't be told again.
FORGET_DELIVERIES = """
delete from webhook_deliveries where received_at < clock_timestamp() - interval '1 hour'
"""

NAME_CALL = """
update charges set external_id = $3, updated_at = clock_timestamp()
 where id = $2 and provider = $1 and state = 'RESERVED' and external_id is null
   and not exists (select from charges where provider = $1 and external_id = $3)
"""

STILL_WANTED = """
select exists (
  select from charges c join generations g on g.id = c.generation_id
   where c.id = $1 and g.status in ('PENDING', 'PROCESSING') and c.attempt = g.attempt)
"""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallNews:
    """News of paid calls, on PostgreSQL and over the broadcast between processes."""

    db: asyncpg.Pool
    broadcast: Broadcast

    async def take(self, provider: str, delivery: str, call: CallId, external_id: str) -> bool:
        """Write down what a webhook told and pass it on; a second time do nothing.

        A call without an id has it from now on, unless another call has it. News that can't be
        passed on are found by the look that whoever waits takes now and then.
        """
        async with transaction(self.db) as connection:
            await connection.execute(FORGET_DELIVERIES)
            if await connection.fetchval(TAKE_DELIVERY, provider, delivery) is None:
                return False
            await connection.execute(NAME_CALL, provider, call, external_id)
        try:
            await self.broadcast.publish(CHANNEL, json.dumps([str(call), external_id]))
        except Exception as error:  # noqa: BLE001 - a driver in mid-command raises anything
            _logger.warning("news could not be passed on, who waits looks for itself: %r", error)
        return True

    async def follow(self, news: News) -> None:
        """Tell `news` for ever of what is passed on, here or in another process."""
        async with self.broadcast.subscribe(CHANNEL) as subscriber:
            while True:
                message = (await subscriber.get()).message
                if message != RESYNC:
                    _tell(news, message)


async def still_wanted(db: Executor, call: CallId) -> bool:
    """Say whether the run that made the call still goes on, here or elsewhere."""
    wanted: bool = await db.fetchval(STILL_WANTED, call)
    return wanted


def _tell(news: News, message: str) -> None:
    try:
        call, external_id = json.loads(message)
        news.tell(CallId(UUID(call)), external_id)
    except (ValueError, TypeError):
        _logger.warning("not news of ours on channel %s", CHANNEL)
