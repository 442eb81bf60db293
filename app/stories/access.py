async def visible_story(resources, viewer, story_id):
    raise NotImplementedError
