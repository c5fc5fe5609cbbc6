"""The checks of OpenAI's SDK for Python, each a line of JSON."""

import json
import os

from openai import OpenAI

MODEL = os.environ["CLIENT_MODEL"]
client = OpenAI(base_url=os.environ["CLIENT_BASE_URL"], api_key="any", max_retries=0)
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": f"get_{fact}",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }
    for fact in ("weather", "population", "altitude", "currency")
]


def ask(content):
    return {"model": MODEL, "messages": [{"role": "user", "content": content}]}


QUESTION = ask("Explain vector databases in a technical manner.")


def whole():
    answer = client.chat.completions.create(**QUESTION)
    assert answer.choices[0].message.content.strip()
    assert answer.usage.completion_tokens > 0


def streamed():
    stream = client.chat.completions.create(**QUESTION, stream=True)
    pieces = [chunk.choices[0].delta.content for chunk in stream if chunk.choices]
    assert len([piece for piece in pieces if piece]) > 1


def structured():
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        **ask("Name an invented person and her age."),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "person", "strict": True, "schema": schema},
        },
    )
    person = json.loads(answer.choices[0].message.content)
    assert isinstance(person["name"], str) and isinstance(person["age"], int)


def tools():
    request = ask("Tell the weather, the population, the altitude and the currency of Lima.")
    messages = request.pop("messages")
    called = []
    for _ in range(6):
        answer = client.chat.completions.create(
            **request, messages=messages, tools=TOOLS, parallel_tool_calls=False
        )
        message = answer.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            assert isinstance(json.loads(call.function.arguments)["city"], str)
            called.append(call.function.name)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "42"})
    assert sorted(called) == sorted(tool["function"]["name"] for tool in TOOLS), called
    assert message.content.strip()


for check in (whole, streamed, structured, tools):
    try:
        check()
        print(json.dumps({"check": check.__name__, "passed": True}), flush=True)
    except Exception as error:
        message = f"{type(error).__name__}: {error}"[:500]
        print(json.dumps({"check": check.__name__, "passed": False, "message": message}), flush=True)
