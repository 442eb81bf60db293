"""What must exist before the processes serve: collections, indexes, the bucket. Safe to repeat."""

import logging

from beanie import init_beanie
from pymongo.errors import CollectionInvalid

from app import checkpoint, documents
from app.messages import wordless
from app.resources import connect_mongo
from app.settings import Settings
from app.storage import Storage

log = logging.getLogger(__name__)


async def prepare(settings: Settings) -> None:
    """Make what is missing; raises the drivers' errors when a store can't be reached."""
    client = connect_mongo(settings)
    try:
        mongo = client[settings.mongo.database]
        existing = set(await mongo.list_collection_names())
        for model in documents.ALL:
            # Transactions may not create collections in passing on every server version.
            if model.Settings.name not in existing:
                try:
                    await mongo.create_collection(model.Settings.name)
                except CollectionInvalid:
                    log.info("%s was made by someone else meanwhile", model.Settings.name)
        await init_beanie(database=mongo, document_models=documents.ALL)
        await checkpoint.begin(mongo, settings)
        # What is more than these, the schedule does.
        await wordless.index_some(mongo, pages=20)
    finally:
        client.close()
    async with Storage(settings.storage) as storage:
        await storage.prepare()
