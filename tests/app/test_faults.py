"""What counts as an outage: the difference between waiting and giving up."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pymongo import errors as mongo
from redis import exceptions as redis

from app.errors import Invalid, Unavailable
from app.faults import is_outage

OUTAGES = (
    ConnectionResetError(),
    Unavailable("away"),
    redis.ConnectionError(),
    redis.TimeoutError(),
    redis.BusyLoadingError(),
    redis.ResponseError("OOM command not allowed when used memory > 'maxmemory'."),
    redis.ResponseError(
        'Command # 1 (EVAL local held = 1) of pipeline caused error: ("Error running script (call'
        " to f_80): @user_script:22: @user_script: 22: -OOM command not allowed when used memory >"
        " 'maxmemory'.\",)"
    ),
    redis.ResponseError("Command # 2 (SET a b) of pipeline caused error: ('MISCONF no disk',)"),
    redis.ResponseError("MISCONF Redis is configured to save RDB snapshots"),
    mongo.AutoReconnect(),
    mongo.ServerSelectionTimeoutError(),
    mongo.NotPrimaryError(),
    mongo.WTimeoutError("unknown"),
    mongo.OperationFailure("stepped down", 189),
    mongo.OperationFailure("conflict", 112, {"errorLabels": ["TransientTransactionError"]}),
    EndpointConnectionError(endpoint_url="http://s3"),
    ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "PutObject"),
    ExceptionGroup("both", [redis.ConnectionError(), mongo.AutoReconnect()]),
)
FAULTS = (
    ValueError(),
    KeyError("x"),
    TimeoutError(),
    Invalid("no"),
    redis.ResponseError("WRONGTYPE Operation against a key"),
    redis.ResponseError("Command # 1 (SET a OOM) of pipeline caused error: ('WRONGTYPE no',)"),
    mongo.DuplicateKeyError("twice"),
    mongo.OperationFailure("bad query", 2),
    ClientError({"ResponseMetadata": {"HTTPStatusCode": 404}}, "GetObject"),
    ExceptionGroup("one of them", [redis.ConnectionError(), ValueError()]),
)


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_outages(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_faults(error: Exception) -> None:
    assert not is_outage(error)
